"""What a record gave and we could not use, in words: codes are for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nurture.ingest import emails
from nurture.ingest.match import TAKEN
from nurture.ingest.normalise import NO_DATE, RECORD, ROBOT, UNKNOWN, UNUSABLE

WORDS: Mapping[str, str] = {
    emails.MALFORMED: "it is not written as one is",
    emails.TOO_LONG: "it is too long",
    emails.PLACEHOLDER: "it is only there to fill the field",
    emails.DISPOSABLE: "it is an address that is thrown away",
    emails.NO_REPLY: "nobody reads that address",
    emails.ROLE: "it is a department's, and no person's; it is used all the same",
    TAKEN: "it is somebody else's",
    UNKNOWN: "we know none of that name",
    UNUSABLE: "it says nothing",
    NO_DATE: "its date cannot be read",
    ROBOT: "a field was filled in that no person sees",
}
"""Code → why it could not be used."""


def unusable_words(problems: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each field that was given in vain: `email: it is not written as one is`."""
    for field, code in sorted(problems.items()):
        called = "the record" if field == RECORD else field.replace("_", " ")
        yield f"{called}: {WORDS.get(code, code)}"
