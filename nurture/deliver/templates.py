"""The templates of a workspace: `templates/<locale>/<name>.html` or `.mjml` with front matter, and
`<name>.txt`.

Everything that can be wrong with a template is found when it is loaded, not at its first mail: syntax, front
matter, and names that do not exist, each with file and line. Put together (`flatten`, `compose`) and compiled
once; without a `.txt` the text part is made of the HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import jinja2
import jinja2.nodes

from nurture.deliver.compose import Composed, composed, has_words, text_part, with_words
from nurture.deliver.flatten import Flat, flatten
from nurture.deliver.frontmatter import FrontMatter, front_matter, front_matter_height, read_words, text_of
from nurture.deliver.lint import misspelt, own_names
from nurture.deliver.part import Part, compiled
from nurture.deliver.pieces import Piece, pieces
from nurture.deliver.sandbox import MailEnvironment
from nurture.deliver.template import Template
from nurture.deliver.views import Misspelt
from nurture.errors import MissingPartError, TemplateError, did_you_mean

HTML_SUFFIXES = (".html", ".mjml")
_REFERRING = (jinja2.nodes.Extends, jinja2.nodes.Include, jinja2.nodes.Import, jinja2.nodes.FromImport)
BUILT_IN = Path(__file__).parent / "macros"
"""Files that every workspace can import, under the name `nurture/`."""


class TemplateLibrary:
    """All templates in `folders`; where two have the same file, the earlier folder wins."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._own = tuple(folder.resolve() for folder in folders)
        self._folders = (*self._own, BUILT_IN)
        self._lock = Lock()
        self._chosen: dict[tuple[str, str, str], Template] = {}
        self._loaded: dict[tuple[str, str], Template] = {}
        self._composed: dict[tuple[str, str], Composed] = {}
        self._words_of: dict[str, Mapping[str, str]] = {}
        self._trees: dict[str, tuple[jinja2.nodes.Template, str]] = {}
        self._pieces_of: dict[str, list[Piece] | None] = {}
        self._sound: set[tuple[str, frozenset[str]]] = set()
        self.environment = MailEnvironment(
            loader=jinja2.FunctionLoader(self._source),
            undefined=Misspelt,
            autoescape=lambda name: name is not None and name.endswith(HTML_SUFFIXES),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )

    def index(self) -> Mapping[str, frozenset[str]]:
        """Every template's name → the locales it is there for. Files that start with `_` are pieces."""
        found: dict[str, set[str]] = {}
        for folder in self._own:
            for path in sorted(each for suffix in HTML_SUFFIXES for each in folder.glob(f"*/**/*{suffix}")):
                locale, *name = path.relative_to(folder).with_suffix("").parts
                if not path.name.startswith("_"):
                    found.setdefault("/".join(name), set()).add(locale)
        return {name: frozenset(locales) for name, locales in sorted(found.items())}

    def get(self, name: str, locale: str, fallback: str = "") -> Template:
        """The template in `locale`, else in its language (`nl` for `nl-BE`), else in `fallback`.

        Raised when it is missing or wrong: TemplateError.
        """
        key = (name, locale, fallback)
        template = self._chosen.get(key)
        if template is None:
            with self._lock:
                there = (name, self._choose(name, locale, fallback))
                template = self._chosen[key] = self._loaded.get(there) or self._load(*there)
                self._loaded[there] = template
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

    def composed(self, name: str, locale: str) -> Composed:
        """The finished HTML of a template that stands in `locale`, its tags hidden.

        Raised when it is missing or wrong: TemplateError.
        """
        key = (name, locale)
        if key not in self._composed:
            html = self._html_file(f"{locale}/{name}")
            flat, words = self._flat(html), self._words(locale)
            self._composed[key] = composed(flat, words, is_mjml=html.endswith(".mjml"))
        return self._composed[key]

    def flat(self, name: str, locale: str) -> Flat:
        """The HTML part (or MJML) of a template with everything that it extends and includes.

        Raised when it is missing or wrong: TemplateError.
        """
        return self._flat(self._html_file(f"{locale}/{name}"))

    def file_of(self, name: str, locale: str) -> Path:
        """The file with a template's front matter. Raised when it is missing: TemplateError."""
        return self._file(self._html_file(f"{locale}/{name}"))

    @property
    def folders(self) -> Sequence[Path]:
        """Those of the workspace, without what every workspace has."""
        return self._own

    def text(self, name: str, locale: str) -> tuple[Part, Mapping[str, str]]:
        """A text file `locale/name.txt` by itself, with all that it extends and includes; and its words.

        Raised when it is missing or wrong: TemplateError.
        """
        words = self._words(locale)
        return self._written(f"{locale}/{name}.txt", words), words

    def text_trees(self, name: str, locale: str) -> list[tuple[str, jinja2.nodes.Template]]:
        """File and syntax tree of a text file and of what it extends or includes.

        Raised when it cannot be read: TemplateError.
        """
        with _located(f"{locale}/{name}.txt"):
            return [(path, tree) for _, tree, path in self._with_parents(f"{locale}/{name}.txt")]

    def trees(self, name: str, locale: str) -> Iterator[list[tuple[str, jinja2.nodes.Template]]]:
        """For each part that is written, HTML and text: the file and syntax tree of it and of what it extends
        or includes.

        Raised when the template cannot be read: TemplateError.
        """
        text = f"{locale}/{name}.txt"
        for file in (self._html_file(f"{locale}/{name}"), *([text] if self._find(text) else [])):
            with _located(file):
                yield [(path, tree) for _, tree, path in self._with_parents(file)]

    def _choose(self, name: str, locale: str, fallback: str) -> str:
        wanted = [locale, locale.partition("-")[0], fallback, fallback.partition("-")[0]]
        for one in wanted:
            if one and any(self._find(f"{one}/{name}{suffix}") for suffix in HTML_SUFFIXES):
                return one
        index = self.index()
        if name in index:
            there = ", ".join(sorted(index[name]))
            raise TemplateError(f"the template {name} is there in {there}, but not in {locale}")
        raise TemplateError(
            f"there is no template {name}{did_you_mean(name, index)}",
            hint=f"write {self._own[0] / locale / name}.html",
        )

    def _load(self, name: str, locale: str) -> Template:
        html = self._html_file(f"{locale}/{name}")
        file, words = self._file(html), self._words(locale)
        front = front_matter(text_of(file), file)
        self._look_at(html, words)
        page = self.composed(name, locale)
        return Template(
            name=name,
            locale=locale,
            about=front.about,
            ask=front.ask,
            words=words,
            subject=self._line("subject", front, file, words),
            preheader=self._line("preheader", front, file, words),
            html=compiled(self.environment, html, str(file), page.prologue, page.pieces()),
            text=self._text(f"{locale}/{name}.txt", page, file, words),
            names=self._names(name, locale, front),
        )

    def _names(self, name: str, locale: str, front: FrontMatter) -> frozenset[str]:
        trees = [tree for part in self.trees(name, locale) for _, tree in part]
        trees += [self.environment.parse(line) for line in (front.subject, front.preheader)]
        return frozenset(each.name for tree in trees for each in tree.find_all(jinja2.nodes.Name))

    def _text(self, name: str, page: Composed, html: Path, words: Mapping[str, str]) -> Part:
        """The text part that is written, else one that is made of the HTML."""
        if self._find(name) is not None:
            return self._written(name, words)
        prologue, body = text_part(page, lambda file: self._find(file) is not None)
        if not has_words(body):
            raise MissingPartError(
                f"{html} has no text part, and no words to make one of",
                hint=f"write {html.with_suffix('.txt')}, or words into the mail: not everybody sees pictures",
            )
        return compiled(self.environment, name, str(html), prologue, body)

    def _written(self, name: str, words: Mapping[str, str]) -> Part:
        self._look_at(name, words)
        flat = self._flat(name)
        body = with_words(flat.body, words, html=False)
        return compiled(self.environment, name, str(self._file(name)), flat.prologue, body)

    def _flat(self, name: str) -> Flat:
        with _located(str(self._file(name))):
            return flatten(name, self._pieces)

    def _pieces(self, name: str) -> list[Piece] | None:
        if name not in self._pieces_of:
            found = self._source(name)
            self._pieces_of[name] = found and list(pieces(self.environment, found[0], name, found[1]))
        return self._pieces_of[name]

    def _words(self, locale: str) -> Mapping[str, str]:
        if locale not in self._words_of:
            file = self._find(f"{locale}/words.yaml")
            self._words_of[locale] = read_words(file) if file else {}
        return self._words_of[locale]

    def _look_at(self, name: str, words: Mapping[str, str]) -> None:
        """Looks for mistakes in a file and all that it extends or includes; in each once.

        Raised at the first one: TemplateError.
        """
        with _located(str(self._file(name))):
            files = list(self._with_parents(name))
            # What one file sets or loops over is known in what it includes.
            given = frozenset(each for _, tree, _ in files for each in own_names(tree))
            for one, tree, path in files:
                if (one, given.union(words)) in self._sound:
                    continue
                for line, problem in misspelt(self.environment, tree, words, given):
                    raise TemplateError(f"{path}:{line}: {problem}")
                self._sound.add((one, given.union(words)))

    def _line(self, key: str, front: FrontMatter, file: Path, words: Mapping[str, str]) -> Part:
        """A line of the front matter, which is a template too; never HTML, so nothing is escaped in it."""
        source: str = getattr(front, key)
        where = f"{file}:{front.lines.get(key, 1)}"
        try:
            tree = self.environment.parse(source)
            for _, problem in misspelt(self.environment, tree, words, frozenset(own_names(tree))):
                raise TemplateError(f"{where}: {key}: {problem}")
            return Part(self.environment.from_string(source), self.environment, where)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{where}: {key}: {error.message}") from error

    def _with_parents(self, name: str) -> Iterator[tuple[str, jinja2.nodes.Template, str]]:
        """Name, syntax tree and file of `name` and of every template that it extends, includes or imports."""
        seen, waiting = {name}, [name]
        while waiting:
            current = waiting.pop()
            tree, file = self._tree(current)
            yield current, tree, file
            new = [other for other in self._others(tree) if other not in seen]
            seen.update(new)
            waiting += new

    def _others(self, tree: jinja2.nodes.Template) -> Iterator[str]:
        """The files that one speaks of; of those that may be missing, those that are there."""
        for node in tree.find_all(_REFERRING):
            named: jinja2.nodes.Expr = node.template  # type: ignore[attr-defined]  # all of these have one
            name = named.value if isinstance(named, jinja2.nodes.Const) else None
            optional = isinstance(node, jinja2.nodes.Include) and node.ignore_missing
            if isinstance(name, str) and not (optional and self._find(name) is None):
                yield name

    def _tree(self, name: str) -> tuple[jinja2.nodes.Template, str]:
        """Syntax tree and file of one file. Raised when it is not there: jinja2.TemplateNotFound."""
        if name not in self._trees:
            found = self._source(name)
            if found is None:
                raise jinja2.TemplateNotFound(name)
            self._trees[name] = self.environment.parse(found[0], name, found[1]), found[1]
        return self._trees[name]

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """For Jinja: a template's text, its front matter made a comment of as many lines, and its file."""
        file = self._find(name)
        if file is None:
            return None
        source = text_of(file)
        height = front_matter_height(source)
        body = source.split("\n", height)[-1] if height else source
        return ("{#" + "\n" * (height - 1) + "#}\n" if height else "") + body, str(file), None

    def _html_file(self, name: str) -> str:
        """The file of a template, without its folder: `nl/welcome.html`, or `.mjml`."""
        there = [name + suffix for suffix in HTML_SUFFIXES if self._find(name + suffix)]
        if len(there) > 1:
            raise TemplateError(
                f"{self._file(there[0])}: there is {there[1]} too, and a mail has only one of them"
            )
        return there[0] if there else f"{name}.html"

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
    except RecursionError as error:
        raise TemplateError(f"{where}: nested too deep to be a template") from error
