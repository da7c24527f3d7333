"""Writes `docs/reference/` from the code: settings, command line, findings, hooks and contracts.

`make docs` runs it; a test holds that what is committed is what it writes. `words.md` is written by hand.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

if TYPE_CHECKING:
    from nurture.language.catalogue import Code

REFERENCE = Path(__file__).parent / "reference"

WRITTEN_BY = "*Written by `make docs` from the code; change it there.*"
WIDTH = 80
"""Columns of a command's help, whatever the terminal."""

OptionsT = TypeVar("OptionsT")


def pages() -> dict[str, str]:
    """Every page: its file name in `docs/reference/` → its text."""
    return {
        "settings.md": settings_page(),
        "command-line.md": command_line_page(),
        "findings.md": findings_page(),
        "hooks.md": hooks_page(),
        "explain.md": explain_page(),
        "templates.md": templates_page(),
        "classification.md": classification_page(),
    }


def main() -> None:
    """Writes all pages."""
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"wrote {', '.join(pages())} in {REFERENCE}\n")


# --- settings ---------------------------------------------------------------------------------------


def settings_page() -> str:
    """Every key of `nurture.toml`, and the options of the bundled plugins."""
    from nurture.settings import Consent, Settings

    tables: list[tuple[str, Any]] = [("", Settings)]
    tables += [
        (name, field.annotation)
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    ]
    tables.append(
        ("bounces.imap", Settings.model_fields["bounces"].annotation.model_fields["imap"].annotation)
    )
    tables.append(("consent.purposes.NAME", _inside(Consent.model_fields["purposes"])))
    tables.append(("teams.NAME", _inside(Settings.model_fields["teams"])))
    parts = [
        "# Settings",
        "Everything that `nurture.toml` may say. A key that does not exist is an error, with what was "
        "probably meant. Each setting can also come from the environment, which wins over the file: two "
        "underscores stand between the parts of a name.",
    ]
    for name, model in tables:
        parts += [f"## `[{name}]`" if name else "## At the top of the file", *_about(model)]
        parts.append(_keys(name, model))
    parts += [
        "## `[plugin.NAME]`",
        "Each plugin checks its own section. These are the options of the bundled ones; a section that no "
        "loaded plugin reads is an error.",
    ]
    for section, model in sorted(_plugin_options().items()):
        parts += [f"### `[plugin.{section}]`", *_about(model), _keys(f"plugin.{section}", model)]
    return _page(parts)


def _about(model: type[BaseModel]) -> Iterator[str]:
    """What the code says of a table, but for what only repeats its name."""
    text = re.sub(r"^`?\[plugin\.\w+\]`?[.:;]?", "", inspect.cleandoc(vars(model).get("__doc__") or ""))
    if text.strip() and model.__name__ != "Settings":
        yield " ".join(text.split())


def _keys(table: str, model: type[BaseModel]) -> str:
    rows = [
        (f"`{name}`", _kind(field.annotation), _default(field), f"`{_variable(table, name)}`")
        for name, field in model.model_fields.items()
        if not _is_table(field) and (table or name != "folder")
    ]
    return _table(("key", "type", "default", "environment"), rows)


def _is_table(field: FieldInfo) -> bool:
    kind = field.annotation
    if get_origin(kind) is dict:
        return get_args(kind)[1] is not str
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _variable(table: str, key: str) -> str:
    return "NURTURE_" + "__".join([*table.upper().split("."), key.upper()] if table else [key.upper()])


def _inside(field: FieldInfo) -> Any:
    """The model of the values of a dict."""
    return get_args(field.annotation)[1]


def _kind(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin is dict:
        return "text, or texts by language"
    if origin in (tuple, list):
        of = arguments[0]
        if isinstance(of, type) and issubclass(of, BaseModel):
            return f"list of `{{{', '.join(of.model_fields)}}}`"
        return f"list of {_kind(of)}s"
    if origin in (Union, UnionType):
        return " or ".join(_kind(one) for one in arguments if one is not type(None))
    names = {str: "text", int: "whole number", float: "number", bool: "true or false", timedelta: "duration"}
    return names.get(annotation) or {SecretStr: "text, secret", Path: "path"}.get(annotation, "table")


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if field.is_required():
        return "must be given"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path):
        value = str(value)
    if isinstance(value, timedelta):
        value = f"{value.days}d"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple | list):
        return f"`{list(value)}`"
    return f"`{value}`" if value not in ("", None, {}) else "empty"


class _Noted(Exception):
    """Raised when a plugin has said which options it reads: more of it is not wanted."""


class _Recorder:
    """Stands for a plugin's settings, and remembers which section it reads with which model."""

    def __init__(self) -> None:
        self.workspace = Path()
        self.teams: Mapping[str, Sequence[str]] = {}
        self.models: dict[str, type[BaseModel]] = {}

    def options(self, section: str, model: type[OptionsT]) -> OptionsT:
        assert issubclass(model, BaseModel)
        self.models[section] = model
        raise _Noted


def _plugin_options() -> Mapping[str, type[BaseModel]]:
    """Section → model, by asking each bundled plugin as the manager does."""
    from nurture.bundled import bundled
    from nurture.plug.discover import find_plugins

    recorder = _Recorder()
    for candidate in find_plugins([bundled("plugins")]):
        for hook in vars(candidate.load()).values():
            if hasattr(hook, "nurture_impl") and "config" in inspect.signature(hook).parameters:
                with suppress(_Noted):
                    hook(config=recorder)
    return recorder.models


# --- command line -----------------------------------------------------------------------------------


def command_line_page() -> str:
    """Every command's help, as the program prints it."""
    import typer

    from nurture.cli.commands import app

    root = typer.main.get_command(app)
    parts = [
        "# Command line",
        "What `nurture COMMAND --help` prints. Exit status: 0 done, 1 found problems, 2 wrong usage. "
        "Everything that prints a result takes `--json`.",
    ]
    for title, text in _helps(root, ["nurture"]):
        parts += [f"## `{title}`", f"```text\n{text}\n```"]
    return _page(parts)


def _helps(command: Any, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    path = " ".join(names)
    with command.make_context(path, [], resilient_parsing=True, terminal_width=WIDTH) as context:
        text = command.get_help(context)
    yield path, "\n".join(line.rstrip() for line in text.strip().splitlines())
    for name, child in getattr(command, "commands", {}).items():
        yield from _helps(child, [*names, name])


# --- findings ---------------------------------------------------------------------------------------

_ABOUT = {
    "0": "The file and its YAML",
    "1": "Keys and types",
    "2": "Values",
    "3": "Conditions",
    "4": "Things referred to",
    "5": "The shape of a campaign",
    "6": "Advice",
}


def _catalogue() -> Mapping[str, Code]:
    # `lint` knows every kind of finding: with it the catalogue is full.
    from nurture.language import lint  # noqa: F401 - for what importing it registers
    from nurture.language.catalogue import CATALOGUE

    return CATALOGUE


def findings_page() -> str:
    """Every finding of `nurture check`."""
    catalogue = _catalogue()
    found = sorted(catalogue.values(), key=lambda code: code.code)
    parts = [
        "# Findings",
        "Everything that `nurture check` can find. A code never changes its meaning. An error keeps the "
        "document from being published; a warning does not.",
    ]
    for digit, title in _ABOUT.items():
        parts.append(f"## {title}")
        for code in (code for code in found if code.code[1] == digit):
            parts += [f"### {code.code}", f"**{code.title}** ({code.severity}). {code.explanation}"]
            for label, text in (("Wrong:", code.wrong), ("Right:", code.right)):
                if text:
                    parts += [label, f"```yaml fragment\n{text}\n```"]
    return _page(parts)


# --- classification ---------------------------------------------------------------------------------


def classification_page() -> str:
    """Who is taken for a person, who for a machine."""
    from nurture.web.classify import RULES

    return _page(
        [
            "# Who opened, who clicked",
            "Every open and click is classed `human`, `probable` or `machine`, with the reason beside it. "
            "Only `human` promotes anybody; `machine` counts for nothing. The rules, in the order in which "
            "they are asked; the first that matches decides:",
            _table(("what came", "is classed", "because"), RULES),
            "The rules about several links of one mail can only be answered once later hits are in: earlier "
            "ones are then judged anew, within moments. What the rules look at is kept with each hit, so "
            "that `nurture signals reclassify` can judge all of them by the rules of today.",
        ]
    )


# --- hooks and contracts ----------------------------------------------------------------------------


def hooks_page() -> str:
    """Every hook with its exact signature, every contract, and what a plugin may import."""
    import nurture
    from nurture.plug import contracts

    parts = [
        "# Hooks and contracts",
        f"API version {nurture.API_VERSION}. How to write a plugin: "
        "[the plugin author's guide](../plugin-authors-guide.md).",
        "## Hooks",
        "A plugin implements a hook by a function of the same name with `@hookimpl` above it. It may leave "
        "out an argument that it has no use for.",
    ]
    for signature, about in hook_signatures().values():
        parts += [f"```python signature\n{signature}\n```", about]
    parts.append("## Contracts")
    described = [
        value
        for value in vars(contracts).values()
        if inspect.isclass(value) and value.__module__ == contracts.__name__
    ]
    for contract in described:
        parts += [f"### `{contract.__name__}`", f"```python signature\n{_source(contract)}\n```"]
    parts += [
        "## What a plugin may import",
        "Everything that `nurture` itself lists, and nothing beneath it: the rest may change at any time.",
        _table(("name", "what it is"), [(f"`{name}`", _first_line(name)) for name in nurture.__all__]),
    ]
    return _page(parts)


def hook_signatures() -> dict[str, tuple[str, str]]:
    """Hook → its signature as it stands in the code, and what it is for."""
    from nurture.plug import hookspecs

    found = {}
    for name, value in vars(hookspecs).items():
        if hasattr(value, "nurture_spec"):
            signature = str(inspect.signature(value)).replace("'", "")
            found[name] = (f"def {name}{signature}: ...", inspect.getdoc(value) or "")
    return found


def _source(contract: type) -> str:
    return inspect.getsource(contract).replace("@runtime_checkable\n", "").strip()


def _first_line(name: str) -> str:
    import nurture

    if name in _WITHOUT_DOCSTRING:
        return _WITHOUT_DOCSTRING[name]
    return " ".join((inspect.getdoc(getattr(nurture, name)) or "").split("\n\n")[0].split())


_WITHOUT_DOCSTRING = {
    "API_VERSION": "The version of this interface; a plugin states the one it was written for.",
    "UtcTime": "A time in a posted document (ISO 8601 with a zone, or Unix seconds); for fields of models.",
    "SalesPerson": "Somebody in a team of sales: name and e-mail address.",
    "Value": "What an answer, a condition or a signal's data can hold.",
    "SecretAddress": "The same for an address that nobody else may know: it is in no message.",
    "WebAddress": "An option that holds an address to post to: https://…, or http:// on this machine.",
    "hookimpl": "Stands above a function that implements a hook.",
}


# --- answers ----------------------------------------------------------------------------------------


def explain_page() -> str:
    """What `nurture explain --why-not` can be asked, and the shape of its answer."""
    from nurture.core.happened import Happened
    from nurture.core.obstacles import CODES, Obstacle
    from nurture.core.question import STEP_KINDS
    from nurture.core.telling import PHRASES
    from nurture.core.whynot import Answer
    from nurture.core.whystage import Crossing, Missed, StageEvidence, WhyStage
    from nurture.journey.seeing import AsOf

    kinds = ", ".join(f"`{kind}:STEP`" for kind in dict.fromkeys(STEP_KINDS.values()))
    asked = [
        (kinds, "why a step was not taken; `send:STEP` is a mail. The kind may be left out"),
        ("`CAMPAIGN/send:STEP`, `CAMPAIGN/STEP`", "the same, where two campaigns have a step of that name"),
        ("`enrol:CAMPAIGN`", "why somebody did not enter a campaign"),
        ("`stage:NAME`", "why somebody is not in a stage"),
        ("`promote`", "why somebody is no prospect"),
        ("`hand_over`", "why somebody was not given to sales"),
    ]
    return _page(
        [
            "# Explanations",
            "What `nurture explain CONTACT --why-not WHAT` can be asked, and what it answers; and what "
            "`--why-stage` does.",
            "## What can be asked",
            _table(("WHAT", "asks"), asked),
            "It ends with status 0 when it has answered, whatever the answer; with 1 when there is no such "
            "contact, campaign, step or stage, or more than one; with 2 when it does not understand what is "
            "asked.",
            "## As of a day",
            "With `--at DATE` everything is answered as the person was known then: signals, messages, "
            "consents, decisions, hand-overs and data as they had been recorded by that moment, on the "
            "versions that were live then. A day is its end, on the contact's own clock, or else that of the "
            "first campaign. What is not kept with its past is named: tags, what campaigns have set, what "
            "others have said of the company. A moment in the future is judged on what is known now.",
            "## The answer as JSON",
            "With `--json`: `contact` (`id`, `name`, `email`), `as_of`, `why_not` and `why_stage`; the last "
            "two are null where they were not asked. Times are UTC (ISO 8601).",
            "`as_of`, which is also part of `nurture explain --json`:",
            _fields(AsOf),
            "`why_not`:",
            _fields(Answer),
            "Each of `happened`:",
            _fields(Happened),
            "Each of `obstacles`:",
            _fields(Obstacle),
            "Each of `ahead` and `evidence` is a decision: `at`, `words`, `what`, `reason`, `campaign`, "
            "`version`, `step`, `rule`.",
            "`why_stage`:",
            _fields(WhyStage),
            "Each of its `evidence`:",
            _fields(StageEvidence),
            "Each of `misses` and `unknowns`:",
            _fields(Missed),
            "Each of `crossings`:",
            _fields(Crossing),
            "`next` and each of `lacks` is an obstacle.",
            "## The kinds of decisions",
            "Every record that is kept, and how `nurture explain` reads it behind the person's name.",
            _table(("what", "words"), [(f"`{what}`", _phrase(words)) for what, words in PHRASES.items()]),
            "## The kinds of obstacles",
            _table(("code", "meaning"), [(f"`{code}`", meaning) for code, meaning in CODES.items()]),
        ]
    )


def _phrase(words: str) -> str:
    """The words for a kind of decision, with `STEP`, `CAMPAIGN` and `REASON` where those stand."""
    return words.format(step="STEP", campaign="CAMPAIGN", reason="REASON")


def _fields(shape: type) -> str:
    """The fields of a value, with what its docstring says of it."""
    names = ", ".join(f"`{field.name}`" for field in fields(shape))
    meaning = " ".join(inspect.cleandoc(shape.__doc__ or "").split()).replace("None", "null")
    return f"{names}.\n\n{meaning}"


# --- templates --------------------------------------------------------------------------------------


def templates_page() -> str:
    """What a template may speak of, and what is looked at in it."""
    from nurture.deliver import sandbox, vocabulary
    from nurture.deliver.frontmatter import KEYS
    from nurture.deliver.mjml import ELEMENTS
    from nurture.deliver.outlook import IGNORED
    from nurture.deliver.phrases import PHRASES

    catalogue = _catalogue()
    mails = [code for code in sorted(catalogue) if "N430" <= code <= "N449"]
    elements = [(f"`{name}`", _quoted(known.split())) for name, known in ELEMENTS.items()]
    parts = [
        "# Templates",
        "What a template may speak of. How to write one: [the marketer's guide]"
        "(../marketers-guide.md#templates-the-mails).",
        "## Files",
        "`templates/LOCALE/NAME.html` or `NAME.mjml`, and `NAME.txt` where the text part is not to be made "
        "of the HTML. Files that begin with `_` are pieces of others. The front matter has "
        f"{_quoted(KEYS)}; `subject` must be there.",
        "`extends`, `block`, `super()` and `include` work as in Jinja, with names in quotes from the "
        "templates' folder; all of it is put together when the template is loaded. So are MJML and style "
        "sheets: a mail only fills in values.",
        "## Variables",
        _table(("name", "is"), [(f"`{name}`", text) for name, text in vocabulary.VARIABLES.items()]),
        *(_fields_of(name, fields) for name, fields in vocabulary.FIELDS.items()),
        "A value that is unknown is false in `{% if %}` and gives way to `or`; printing it is an error. "
        "Control characters and marks that turn the direction of writing are taken out of all values.",
        "## Filters",
        "Those of Jinja that a mail has use for, and `web_address`. One that is not here does not exist.",
        _table(("filter", ""), [(f"`{name}`", text) for name, text in vocabulary.FILTERS.items()]),
        "## Macros",
        f'`{{% from "{vocabulary.MACROS_FILE}" import button %}}`. In the text part they write text.',
        _table(
            ("macro", "writes"),
            [(f"`{macro.name}({macro.signature})`", macro.about) for macro in vocabulary.macros()],
        ),
        "A file of macros of your own may have a `.txt` beside it, with the same macros for the text part; "
        "without one, what they write loses its elements there.",
        "## The sandbox",
        "Statements are `if`, `for`, `set`, `with`, `macro`, `call`, `filter`, `raw`, `import` and those "
        "above; functions are `range` and `namespace`. Names that begin with an underscore, methods of "
        "values (but for a few of texts, such as `upper` and `startswith`, and `get`), and files outside of "
        "the templates' folder cannot be reached. A part of a mail may take "
        f"{sandbox.MOST_WORK:,} rounds of loops and calls, and {sandbox.MOST_TEXT:,} characters; what takes "
        "more fails for that mail.",
        "## What is checked",
        "`nurture check` and `nurture preview` look at each template; all of these are warnings.",
        _table(
            ("code", "finding", "why"),
            [(code, catalogue[code].title, catalogue[code].explanation) for code in mails],
        ),
        "### What Outlook ignores",
        "Looked for in style attributes, and in style sheets outside of @media; not in what MJML makes. "
        "Padding of a link is ignored too, and with it a button made of one.",
        _table(
            ("style", "values", "what it knows"),
            [(f"`{rule.name}`", _values(rule.value), rule.instead) for rule in IGNORED],
        ),
        "### Phrases of spam",
        *(f"`{language}`: {', '.join(phrases)}." for language, phrases in PHRASES.items()),
        "## Elements of MJML",
        "With their attributes; `mj-class` is one of each.",
        _table(("element", "attributes"), elements),
    ]
    return _page(parts)


def _fields_of(name: str, fields: Mapping[str, str]) -> str:
    told = (f"`{field}`{f' ({text})' if text else ''}" for field, text in fields.items())
    return f"`{name}` has {', '.join(told)}."


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _values(pattern: str) -> str:
    return "any" if pattern == "." else f"`{pattern}`"


# --- Markdown ---------------------------------------------------------------------------------------


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *([_cell(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _page(parts: Sequence[str]) -> str:
    title, *rest = parts
    return "\n\n".join([title, WRITTEN_BY, *rest]) + "\n"


if __name__ == "__main__":
    main()
