"""The contract of an Action as a test suite: subclass it, name yours, and pytest runs it.

class TestMyAction(ActionSuite):
    make = staticmethod(lambda folder: MyAction())
    given = {"": "hot"}                 # parameters as in YAML; "" is the short form
    wrong = {"colour": "red"}           # parameters that must be refused
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from nurture.core.model import AddTag, AddTo, Contact, RemoveFrom, RemoveTag, SetField, Value
from nurture.language.deeds import full_parameters
from nurture.plug.contracts import Action, Errand, NoticeOutcome

_CHANGES = (AddTag, RemoveTag, SetField, AddTo, RemoveFrom)


class ActionSuite:
    """What every action must do. `make` gets an empty folder and returns an action that works."""

    make: Callable[[Path], Action]
    given: Mapping[str, Value]
    wrong: Mapping[str, Value]

    @pytest.fixture
    def action(self, tmp_path: Path) -> Action:
        return type(self).make(tmp_path)

    def parameters(self, action: Action) -> dict[str, Any]:
        return action.parameters.model_validate(full_parameters(action.parameters, self.given)).model_dump()

    def test_it_fulfils_the_contract(self, action: Action) -> None:
        assert isinstance(action, Action)
        assert action.name
        assert action.words

    def test_every_parameter_is_described(self, action: Action) -> None:
        assert all(field.description for field in action.parameters.model_fields.values())

    def test_wrong_parameters_are_refused(self, action: Action) -> None:
        with pytest.raises(ValidationError):
            action.parameters.model_validate(full_parameters(action.parameters, self.wrong))

    def test_its_changes_are_changes_and_the_same_each_time(self, action: Action) -> None:
        first = list(action.changes(self.parameters(action), example_contact()))
        assert all(isinstance(change, _CHANGES) for change in first)
        assert list(action.changes(self.parameters(action), example_contact())) == first

    def test_it_tells_of_every_errand(self, action: Action) -> None:
        wanted = [self.errand(action, str(number)) for number in range(2)] if action.runs else []
        outcomes = list(action.run(wanted))
        assert [isinstance(outcome, NoticeOutcome) for outcome in outcomes] == [True] * len(wanted)

    @pytest.mark.parametrize("nasty", ["", "A\r\nBcc: b@c.example", "\0\x1b[2J", "{{ 7 * 7 }}", "🧁" * 300])
    def test_whatever_a_lead_is_called_is_only_a_value(self, action: Action, nasty: str) -> None:
        if action.runs:
            (outcome,) = action.run([self.errand(action, "1", nasty)])
            assert outcome.done, outcome.reply

    def errand(self, action: Action, key: str, name: str = "An") -> Errand:
        return Errand(key, "new-website", "tell", self.parameters(action), example_contact(name), None)


def example_contact(name: str = "An") -> Contact:
    """Somebody to act on."""
    return Contact(7, datetime(2026, 3, 2, tzinfo=UTC), email="an@example.com", name=name, company=name)
