"""A decision while it is being made: what has been found to be done so far, why, and when to look again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from nurture.core.campaign import Campaign
from nurture.core.model import DecisionRecord, Effect, Value, What


class Draft:
    """Collects effects, records and times; `profile_version` is named by what no campaign decided."""

    __slots__ = ("effects", "passed", "profile_version", "records", "times")

    def __init__(self, profile_version: str) -> None:
        self.profile_version = profile_version
        self.effects: list[Effect] = []
        self.passed: dict[str, tuple[str, ...]] = {}
        self.records: list[DecisionRecord] = []
        self.times: list[datetime] = []

    def record(
        self,
        what: What,
        reason: str,
        campaign: Campaign | None = None,
        *,
        rule: str | None = None,
        evidence: Mapping[str, Value] | None = None,
    ) -> None:
        """One thing decided, and why; by the profile where no `campaign` is given."""
        self.records.append(
            DecisionRecord(
                what=what,
                reason=reason,
                campaign=None if campaign is None else campaign.name,
                version=self.profile_version if campaign is None else campaign.version,
                rule=rule,
                evidence=evidence or {},
            )
        )
