"""What is wrong with a settings file, said with its lines."""

from __future__ import annotations

import difflib

from pydantic import BaseModel, ValidationError

from nurture.errors import Position


def explain_invalid(error: ValidationError, model: type[BaseModel], text: str, file: str) -> str:
    """Every problem on a line of its own: where, which setting, what came, what was expected."""
    lines = []
    for problem in error.errors():
        path = tuple(str(part) for part in problem["loc"])
        name = ".".join(path)
        where = Position(file, line_of(text, path))
        if problem["type"] == "extra_forbidden":
            lines.append(f"{where}: there is no setting {name!r}{_meant(model, path)}")
        elif problem["type"] == "missing":
            lines.append(f"{where}: {name} is missing")
        else:
            lines.append(f"{where}: {name}: {problem['msg']}, not {problem['input']!r}")
    return "\n".join(lines)


def _meant(model: type[BaseModel], path: tuple[str, ...]) -> str:
    """`; did you mean …?`, from the fields of the table in which the unknown key stands."""
    fields = model.model_fields
    for part in path[:-1]:
        annotation = fields[part].annotation if part in fields else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return ""
        fields = annotation.model_fields
    close = difflib.get_close_matches(path[-1], list(fields), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; expected one of {', '.join(sorted(fields))}"


def line_of(text: str, path: tuple[str, ...]) -> int:
    """The line of a setting in the text of `nurture.toml`; line 1 when it stands in no line of its own."""
    wanted_table, key = ".".join(path[:-1]), path[-1]
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            table = stripped.strip("[]").strip()
            if table == ".".join(path):
                return number
        elif table == wanted_table and stripped.split("=", 1)[0].strip().strip('"') == key:
            return number
    return 1
