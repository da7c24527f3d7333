"""Where each team's messages are posted, as options: addresses that are secrets themselves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from nurture.core.model import Notice
from nurture.errors import SettingsError, did_you_mean
from nurture.plug.contracts import NoticeOutcome
from nurture.plug.over_http import post_notice
from nurture.plug.webaddress import check_web_address


def _is_address(address: SecretStr) -> SecretStr:
    try:
        check_web_address(address.get_secret_value())
    except ValueError:
        # Whoever knows the address may post to it: the message must not tell it.
        raise ValueError("it is no address that starts with https://") from None
    return address


SecretAddress = Annotated[SecretStr, AfterValidator(_is_address)]
"""An address to post to that nobody else may know: https://…, or http:// on this machine."""


class TeamRooms(BaseModel):
    """Options of a channel that posts to a room of each team; to inherit from.

    `webhooks` is team → address; `webhook` is for all that it does not name. `timeout` is in seconds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    webhook: SecretAddress | None = None
    webhooks: dict[str, SecretAddress] = {}
    timeout: float = Field(default=10.0, gt=0, le=60)

    def address_of(self, team: str) -> str:
        """Where to post for a team; empty where nobody said."""
        found = self.webhooks.get(team, self.webhook)
        return "" if found is None else found.get_secret_value()

    def post(self, section: str, notice: Notice, message: Any) -> NoticeOutcome:
        """Posts the message of a notice to its team's room. One that has none may well do with mails."""
        address = self.address_of(notice.team)
        if not address:
            return NoticeOutcome(True, reply=f"not posted: plugin.{section} has no webhook for {notice.team}")
        return post_notice(address, message, timeout=self.timeout)

    def check_teams(self, section: str, teams: Collection[str]) -> None:
        """Raised when an address is for a team that the settings do not have: SettingsError."""
        for team in self.webhooks if teams else ():
            if team not in teams:
                raise SettingsError(
                    f"[plugin.{section}] webhooks: there is no team {team!r}{did_you_mean(team, teams)}"
                )
