"""The rule `role_address(contact.email)`: whether an address is a task's (info@, sales@) and no person's."""

from __future__ import annotations

from nurture import Rule, Value, hookimpl, is_role_address

API_VERSION = 1


class RoleAddress:
    """Unknown without an address."""

    name = "role_address"
    words = "is reached at a role address"

    def answer(self, *arguments: Value) -> bool | None:
        if len(arguments) != 1 or not isinstance(arguments[0], str) or "@" not in arguments[0]:
            return None
        return is_role_address(arguments[0])


@hookimpl
def register_rules() -> list[Rule]:
    return [RoleAddress()]
