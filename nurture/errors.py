"""Every error that Nurture raises on purpose, as one tree.

A `NurtureError` carries a sentence that its reader can act on: what was found, where, and what to write
instead. The command line prints it without a traceback; anything that is not a `NurtureError` is a defect.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class NurtureError(Exception):
    """The root of all errors that have a message for the user.

    `hint` says what to do or write instead; it is printed on a line of its own.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SettingsError(NurtureError):
    """Raised when `nurture.toml` or the environment holds a setting that cannot be used."""


class WorkspaceError(NurtureError):
    """Raised when a workspace is missing, incomplete, or already there."""


class SourceError(NurtureError):
    """Raised when a source cannot be read at all: no such file, not the format it claims to be."""


class MappingError(NurtureError):
    """Raised when a `--map` file is wrong: an unknown field, a column that the file does not have."""


class PluginError(NurtureError):
    """Raised when the plugins cannot be loaded; the message lists every problem found, not just the first."""


class ConditionError(NurtureError):
    """Raised when a condition cannot be parsed or is not meaningful. `column` counts from 1."""

    def __init__(self, message: str, *, column: int = 1, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.column = column


class CampaignError(NurtureError):
    """Raised when campaigns that must run have findings of severity error."""


class TemplateError(NurtureError):
    """Raised when a template is missing, cannot be compiled, or uses a name that does not exist."""


class MissingPartError(TemplateError):
    """Raised when a template has HTML but no plain text."""


class AddressError(NurtureError):
    """Raised when no mail can be addressed to (or from) an e-mail address as it stands."""


class StoreError(NurtureError):
    """Raised when the database cannot be reached or its schema is not the one this version needs."""


class BrokerError(NurtureError):
    """Raised when the broker cannot be reached."""


class TransportError(NurtureError):
    """Raised when a transport cannot be used at all: no connection, refused log-in, bad settings."""


class FeedbackError(NurtureError):
    """Raised when a call to a hook is not what its sender posts: a wrong signature, no JSON."""


class FeedbackDelayed(NurtureError):
    """Raised when a call to a hook cannot be checked just now: the sender is to come again."""


class TokenError(NurtureError):
    """Raised when a token in a public address is forged, damaged or made for another purpose."""


class QuestionError(NurtureError):
    """Raised when `explain` is asked in a form that it does not know."""


class TransitionError(NurtureError):
    """Raised when a lifecycle change is asked for that is not legal."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a text file something stands; line and column count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence: `; did you mean NAME?`, or what there is when nothing is like it."""
    names = sorted(set(known))
    close = difflib.get_close_matches(word, names, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are: {', '.join(names)}" if names else ""
