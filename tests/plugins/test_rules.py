"""The bundled rules keep the contract."""

from __future__ import annotations

import pytest

from nurture.testing.suites_ingest import RuleSuite
from plugins.business_email import BusinessEmail
from plugins.role_address import RoleAddress


class TestBusinessEmailKeepsTheContract(RuleSuite):
    rule = BusinessEmail()
    true = ("jan@jansen.nl",)
    false = ("jan@gmail.com",)


class TestRoleAddressKeepsTheContract(RuleSuite):
    rule = RoleAddress()
    true = ("info@jansen.nl",)
    false = ("jan@jansen.nl",)


def test_a_disposable_address_is_no_business_address() -> None:
    assert BusinessEmail().answer("jan@mailinator.com") is False


@pytest.mark.parametrize("email", ["INFO@x.nl", "sales+web@x.nl", "klanten-service@x.nl", "verkauf@x.de"])
def test_a_role_address_is_no_person(email: str) -> None:
    assert RoleAddress().answer(email) is True


def test_a_person_whose_name_begins_like_a_role_is_a_person() -> None:
    assert RoleAddress().answer("salesa@x.nl") is False
