"""Decision records as sentences: what was done, or was not, and why. Codes are for programs."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from nurture.core.model import DecisionRecord


class Kept(NamedTuple):
    """A decision record with the time of its decision."""

    at: datetime
    record: DecisionRecord


_PHRASES = {
    "sent": "sends {step}: {reason}",
    "not_sent": "holds {step} back: {reason}",
    "went_on": "goes on from {step}: {reason}",
    "timed_out": "goes on from {step}: {reason}",
    "not_waited": "goes on from {step}: {reason}",
    "chosen": "chooses at {step}: {reason}",
    "split": "is put into a group at {step}: {reason}",
    "done": "does {step}: {reason}",
    "not_done": "cannot do {step}: {reason}",
    "goal_reached": "reaches the goal {step}: {reason}",
    "track_ended": "is through with this stage: {reason}",
    "stopped": "is stopped: {reason}",
    "enrolled": "enters {campaign}: {reason}",
    "not_enrolled": "is not added to another campaign: {reason}",
    "exited": "leaves {campaign}: {reason}",
    "stage_changed": "goes {reason}",
    "promoted": "becomes a prospect: {reason}",
    "handed_over": "goes to sales: {reason}",
    "not_handed_over": "does not go to sales: {reason}",
    "disqualified": "is disqualified: {reason}",
    "returned": "is {reason}",
    "won": "is won: {reason}",
    "lost": "is lost: {reason}",
    "outcome_kept": "stays where they are: {reason}",
}


def record_words(record: DecisionRecord) -> str:
    """What a record says, as a phrase about the contact: `sends welcome: orientation/welcome`."""
    phrase = _PHRASES.get(record.what, "{reason}")
    return phrase.format(step=record.step or "", campaign=record.campaign or "", reason=record.reason)
