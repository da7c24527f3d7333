"""`nurture accounts show`: a firm, its people, and what they do together."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cli


@pytest.fixture
def firm(cli: Cli) -> Cli:
    cli.import_people("An Jansen;an@jansen.nl", "Bo Jansen;bo@jansen.nl")
    return cli


def test_a_firm_is_shown_with_its_people_and_where_its_data_came_from(firm: Cli) -> None:
    shown = firm("accounts", "show", "jansen.nl").out
    assert shown.startswith(
        "Jansen · jansen.nl\n  name: Jansen (found by company_from_email_domain, 60% sure"
    )
    assert ("An Jansen" in shown, "Bo Jansen" in shown) == (True, True)


def test_its_shape_for_other_programs(firm: Cli) -> None:
    shown = firm("accounts", "show", "jansen.nl", "--json").json
    assert set(shown) == {"id", "name", "domain", "origins", "people", "pictures"}
    assert set(shown["people"][0]) >= {"id", "name", "lifecycle", "stage", "fit", "engagement", "last_seen"}


def test_a_firm_that_is_not_known_is_a_problem(firm: Cli) -> None:
    assert firm("accounts", "show", "nowhere.nl").code == 1
