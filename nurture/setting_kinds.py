"""What the tables of the settings are made of: a table, a length of time in days, a text in each language."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """One table of the file: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def in_days(value: Any) -> Any:
    """A length of time written as days or weeks. Raised when it is not: PydanticCustomError."""
    written = _DAYS.fullmatch(value.strip()) if isinstance(value, str) else None
    if written is None or not int(written[1]):
        raise PydanticCustomError("days", 'write days or weeks, such as "400d" or "52w"')
    return timedelta(**{_DAY_UNITS[written[2]]: int(written[1])})


_DAYS = re.compile(r"([0-9]{1,5}) ?([dw])", re.ASCII)
_DAY_UNITS = {"d": "days", "w": "weeks"}

Days = Annotated[timedelta, BeforeValidator(in_days)]
"""Days or weeks, `"30d"` or `"4w"`."""


def _in_languages(value: Any) -> Any:
    return {"": value} if isinstance(value, str) else value


Words = Annotated[dict[str, str], BeforeValidator(_in_languages)]
"""A text in each language, `{ nl = "…", en = "…" }`, or one text for all of them."""
