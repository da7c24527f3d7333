"""The templates of a workspace: `templates/<locale>/<name>.html` with front matter, and `<name>.txt`.

Everything that can be wrong with a template is found when it is loaded, not at its first mail: syntax, front
matter, a missing part, and names that do not exist, each with file and line. Compiled once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import jinja2
import jinja2.meta
import jinja2.nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nurture.deliver.frontmatter import FrontMatter, front_matter, front_matter_height, read_words, text_of
from nurture.deliver.lint import misspelt
from nurture.deliver.views import Misspelt
from nurture.errors import MissingPartError, TemplateError, did_you_mean

SUFFIXES = (".html", ".txt")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One mail's words, before links are tracked."""

    subject: str
    preheader: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A compiled piece of a template, and where it stands."""

    compiled: jinja2.Template
    where: str

    def __post_init__(self) -> None:
        # Jinja's chained map of globals is copied for every mail; a plain one in a quarter of the time.
        self.compiled.globals = dict(self.compiled.globals)

    def render(self, values: Mapping[str, Any]) -> str:
        """Raised when anything in it fails: TemplateError, with file and line."""
        try:
            return self.compiled.render(values)
        except Exception as error:
            # Whatever an expression in a template raises is that template's mistake, and one mail's only.
            raise TemplateError(f"{self._place(error)}: {error}") from error

    def _place(self, error: Exception) -> str:
        """The line that failed; Jinja puts a frame with the template's file into the traceback."""
        found, trace = self.where, error.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file.endswith(SUFFIXES):
                found = f"{file}:{trace.tb_lineno}"
            trace = trace.tb_next
        return found


@dataclass(frozen=True, slots=True)
class Template:
    """A template in one language. `about` and `ask` are for sales: what it tells, and what to ask then."""

    name: str
    locale: str
    about: str
    ask: str
    words: Mapping[str, str]
    subject: Part
    preheader: Part
    html: Part
    text: Part

    def render(self, context: Mapping[str, Any]) -> Rendered:
        """The mail for one contact. Raised when it cannot be written: TemplateError."""
        values = {**context, "words": self.words}
        subject = self.subject.render(values)
        preheader = values["preheader"] = self.preheader.render(values)
        return Rendered(subject, preheader, self.html.render(values), self.text.render(values))


class TemplateLibrary:
    """All templates in `folders`; where two have the same file, the earlier folder wins."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folder.resolve() for folder in folders)
        self._lock = Lock()
        self._loaded: dict[tuple[str, str, str], Template] = {}
        self._environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FunctionLoader(self._source),
            undefined=Misspelt,
            autoescape=lambda name: name is not None and name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )

    def index(self) -> Mapping[str, frozenset[str]]:
        """Every template's name → the locales it is there for. Files that start with `_` are pieces."""
        found: dict[str, set[str]] = {}
        for folder in self._folders:
            for path in sorted(folder.glob("*/**/*.html")):
                locale, *name = path.relative_to(folder).with_suffix("").parts
                if not path.name.startswith("_"):
                    found.setdefault("/".join(name), set()).add(locale)
        return {name: frozenset(locales) for name, locales in sorted(found.items())}

    def get(self, name: str, locale: str, fallback: str = "") -> Template:
        """The template in `locale`, else in its language (`nl` for `nl-BE`), else in `fallback`.

        Raised when it is missing or wrong: TemplateError.
        """
        key = (name, locale, fallback)
        template = self._loaded.get(key)
        if template is None:
            with self._lock:
                template = self._loaded[key] = self._load(name, self._choose(name, locale, fallback))
        return template

    def problems(self) -> list[TemplateError]:
        """What is wrong with any template in any locale: for a check before the first mail."""
        found: list[TemplateError] = []
        for name, locales in self.index().items():
            for locale in sorted(locales):
                try:
                    self.get(name, locale)
                except TemplateError as error:
                    found.append(error)
        return found

    def trees(self, name: str, locale: str) -> Iterator[list[tuple[str, jinja2.nodes.Template]]]:
        """For each part, HTML and text: the file and syntax tree of it and of what it extends or includes.

        Raised when the template cannot be read: TemplateError.
        """
        for suffix in SUFFIXES:
            with _located(f"{locale}/{name}{suffix}"):
                found = list(self._with_parents(f"{locale}/{name}{suffix}"))
                yield [(file, self._environment.parse(source)) for source, file in found]

    def tree(self, file: str) -> jinja2.nodes.Template:
        """The syntax tree of one file, named from the templates' folder: `nl/welcome.html`, `layout.html`.

        Raised when it is missing or wrong: TemplateError.
        """
        with _located(file):
            found = self._source(file)
            if found is None:
                raise jinja2.TemplateNotFound(file)
            return self._environment.parse(found[0], file)

    def _choose(self, name: str, locale: str, fallback: str) -> str:
        wanted = [locale, locale.partition("-")[0], fallback, fallback.partition("-")[0]]
        for one in wanted:
            if one and self._find(f"{one}/{name}.html"):
                return one
        index = self.index()
        if name in index:
            there = ", ".join(sorted(index[name]))
            raise TemplateError(f"the template {name} is there in {there}, but not in {locale}")
        raise TemplateError(
            f"there is no template {name}{did_you_mean(name, index)}",
            hint=f"write {self._folders[0] / locale / name}.html, and .txt beside it",
        )

    def _load(self, name: str, locale: str) -> Template:
        html, text = f"{locale}/{name}.html", f"{locale}/{name}.txt"
        file = self._file(html)
        if self._find(text) is None:
            raise MissingPartError(
                f"{file} has no text part", hint=f"write {file.with_suffix('.txt')}: not everybody reads HTML"
            )
        front = front_matter(text_of(file), file)
        words_file = self._find(f"{locale}/words.yaml")
        words = read_words(words_file) if words_file else {}
        return Template(
            name=name,
            locale=locale,
            about=front.about,
            ask=front.ask,
            words=words,
            subject=self._line("subject", front, file, words),
            preheader=self._line("preheader", front, file, words),
            html=self._part(html, words),
            text=self._part(text, words),
        )

    def _part(self, name: str, words: Mapping[str, str]) -> Part:
        where = str(self._file(name))
        with _located(where):
            compiled = self._environment.get_template(name)
            for source, file in self._with_parents(name):
                for line, problem in misspelt(self._environment, source, words):
                    raise TemplateError(f"{file}:{line}: {problem}")
        return Part(compiled, where)

    def _line(self, key: str, front: FrontMatter, file: Path, words: Mapping[str, str]) -> Part:
        """A line of the front matter, which is a template too; never HTML, so nothing is escaped in it."""
        source: str = getattr(front, key)
        where = f"{file}:{front.lines.get(key, 1)}"
        try:
            for _, problem in misspelt(self._environment, source, words):
                raise TemplateError(f"{where}: {key}: {problem}")
            return Part(self._environment.from_string(source), where)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{where}: {key}: {error.message}") from error

    def _with_parents(self, name: str) -> Iterator[tuple[str, str]]:
        """Text and file of `name` and of every template that it extends, includes or imports."""
        seen, waiting = {name}, [name]
        while waiting:
            current = waiting.pop()
            found = self._source(current)
            if found is None:
                raise jinja2.TemplateNotFound(current)
            yield found[:2]
            others = jinja2.meta.find_referenced_templates(self._environment.parse(found[0], current))
            new = [other for other in others if other is not None and other not in seen]
            seen.update(new)
            waiting += new

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """For Jinja: a template's text, its front matter made a comment of as many lines, and its file."""
        file = self._find(name)
        if file is None:
            return None
        source = text_of(file)
        height = front_matter_height(source)
        body = source.split("\n", height)[-1] if height else source
        return ("{#" + "\n" * height + "#}" if height else "") + body, str(file), None

    def _find(self, name: str) -> Path | None:
        """The file of `name` in the first folder that has it; never one outside of the folders."""
        for folder in self._folders:
            file = (folder / name).resolve()
            if file.is_relative_to(folder) and file.is_file():
                return file
        return None

    def _file(self, name: str) -> Path:
        file = self._find(name)
        if file is None:
            raise TemplateError(f"there is no file {name} in the templates")
        return file


@contextmanager
def _located(where: str) -> Iterator[None]:
    """Jinja's own errors as ours, with file and line."""
    try:
        yield
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{error.filename or where}:{error.lineno}: {error.message}") from error
    except jinja2.TemplateNotFound as error:
        raise TemplateError(
            f"{where} uses {error.name}, which is not there",
            hint="names are given from the templates' folder: layout.html, nl/_table.html",
        ) from error
