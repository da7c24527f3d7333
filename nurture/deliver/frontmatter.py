"""The front matter of a template, and the words of a locale: YAML that a person wrote, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from nurture.errors import TemplateError, did_you_mean

FENCE = "---"
KEYS = ("subject", "preheader", "about", "ask")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands between the `---` lines. `height` is how many lines that takes, both fences included."""

    subject: str
    preheader: str
    about: str
    ask: str
    lines: Mapping[str, int]
    height: int


def front_matter(source: str, file: Path) -> FrontMatter:
    """Reads the front matter of an HTML part.

    Raised when there is none, it is no YAML, has an unknown key, or no subject: TemplateError.
    """
    height = front_matter_height(source)
    if height == 0:
        raise TemplateError(
            f"{file}:1: the front matter is missing",
            hint='begin the file with a line ---, then subject: "…", then another line ---',
        )
    block = "\n".join(source.split("\n")[1 : height - 1])
    found = _mapping(block, file, first_line=2)
    lines = {str(key): found.lc.key(key)[0] + 2 for key in found}
    values: dict[str, str] = {}
    for key, value in found.items():
        if key not in KEYS:
            raise TemplateError(
                f"{file}:{lines[str(key)]}: there is no key {key!r}{did_you_mean(str(key), KEYS)}"
            )
        if not isinstance(value, str):
            raise TemplateError(
                f"{file}:{lines[key]}: {key} must be text, not {value!r}", hint='put it in "quotes"'
            )
        values[key] = value
    if not values.get("subject", "").strip():
        raise TemplateError(f"{file}:1: the subject is missing", hint='write: subject: "…"')
    everything = {key: values.get(key, "") for key in KEYS}
    return FrontMatter(**everything, lines=lines, height=height)


def front_matter_height(source: str) -> int:
    """How many lines at the start of `source` are front matter; 0 where there is none."""
    lines = source.split("\n")
    if lines[0].rstrip() != FENCE:
        return 0
    return next((number for number, line in enumerate(lines[1:], start=2) if line.rstrip() == FENCE), 0)


def read_words(file: Path) -> Mapping[str, str]:
    """The words of a locale. Raised when they are no mapping of words to texts: TemplateError."""
    found = _mapping(text_of(file), file, first_line=1)
    for key, value in found.items():
        if not isinstance(value, str):
            line = found.lc.key(key)[0] + 1
            raise TemplateError(
                f"{file}:{line}: {key} must be text, not {value!r}", hint='put it in "quotes"'
            )
    return {str(key): str(value) for key, value in found.items()}


def text_of(file: Path) -> str:
    """The text of a file in UTF-8. Raised when it cannot be read: TemplateError."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{file} cannot be read: {error}") from error


def _mapping(text: str, file: Path, *, first_line: int) -> Any:
    """A round-trip mapping (it knows the line of each key), or the error with its line in the file."""
    try:
        found = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = first_line + (error.problem_mark.line if error.problem_mark else 0)
        raise TemplateError(f"{file}:{line}: not valid YAML: {error.problem}") from error
    except YAMLError as error:
        raise TemplateError(f"{file}:{first_line}: not valid YAML: {error}") from error
    if not isinstance(found, dict):
        raise TemplateError(f"{file}:{first_line}: expected lines such as `key: text`")
    return found
