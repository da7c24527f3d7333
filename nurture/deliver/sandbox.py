"""The environment in which templates run: few names, few filters, no way out, and an end to everything.

Stricter than Jinja's own sandbox: what may be called is listed, not what may not; and a mail has a budget of
work and of size, so that a bomb ends as an error of that mail. Nothing of the machine can be reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from itertools import islice
from threading import local
from typing import Any, NoReturn

from jinja2 import nodes
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from nurture.deliver.addresses import web_address
from nurture.deliver.hiding import Scanner, Where
from nurture.deliver.views import Answers

MOST_WORK = 20_000
"""Rounds of loops, calls and entries of lists in one part of a mail."""
MOST_TEXT = 1_000_000
"""Characters in one part of a mail, or in any value on the way to it."""
PER_WORK = 256
"""Characters that are gone through as fast as one round."""
LONGEST_RANGE = 1_000
_LARGEST = 10**15

_OF_TEXT = frozenset(
    {"upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "startswith", "endswith"}
    | {"removeprefix", "removesuffix", "split", "isdigit", "isalpha", "isupper", "islower"}
)
_OF_MAPPINGS = frozenset({"get", "items", "keys", "values"})

FILTERS = (
    "abs", "capitalize", "count", "d", "default", "e", "escape", "first", "float", "int", "items", "join",
    "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse",
    "round", "safe", "select", "selectattr", "sort", "string", "striptags", "sum", "title", "trim",
    "truncate", "unique", "upper", "urlencode", "web_address", "wordcount",
)  # fmt: skip
"""All filters that a template may use."""
_READ_IT_ALL = frozenset(
    {"capitalize", "e", "escape", "join", "list", "lower", "replace", "round", "safe", "sort", "string"}
    | {"striptags", "title", "trim", "truncate", "upper", "urlencode", "web_address", "wordcount", "unique"}
)
"""Filters that cost more the longer what they are given is, and those of our own."""


class _Budget(local):
    """What is left for the part that this thread renders."""

    work = MOST_WORK


def _too_much(what: str) -> NoReturn:
    raise SecurityError(f"this template {what}: no mail needs that")


class MailEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for mails. One may serve several threads."""

    intercepted_binops = frozenset(("*", "**", "%", "+"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.budget = _Budget()
        self.globals.clear()
        self.globals.update(range=self._range, namespace=Namespace)
        own: dict[str, Callable[..., Any]] = {
            "join": self._join,
            "list": lambda items: list(self.counted(items)),
            "replace": self._replace,
            "round": lambda number, digits=0: round(number, max(-10, min(digits, 10))),
            "web_address": web_address,
        }
        self.filters = {
            name: self._paid(own.get(name) or JINJA_FILTERS[name])
            if name in _READ_IT_ALL
            else JINJA_FILTERS[name]
            for name in FILTERS
        }

    def begin(self) -> None:
        """A new part begins, with a full budget."""
        self.budget.work = MOST_WORK

    def spend(self, work: int) -> None:
        self.budget.work -= work
        if self.budget.work < 0:
            _too_much(f"works on and on (more than {MOST_WORK:,} rounds and calls)")

    # --- what may be reached ----------------------------------------------------------------------------

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if attr.startswith("_"):
            return False
        if isinstance(obj, str):
            return attr in _OF_TEXT
        if isinstance(obj, Answers):
            return attr == "get"
        if isinstance(obj, Mapping):
            return attr in _OF_MAPPINGS
        return isinstance(obj, LoopContext | Namespace | TemplateModule)

    def wrap_str_format(self, value: Any) -> None:
        """Jinja lets a guarded `format` through before it asks whether that is safe; here it never is."""

    def is_safe_callable(self, obj: Any) -> bool:
        return super().is_safe_callable(obj) and (not isinstance(obj, type) or obj is Namespace)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as Jinja has it
        owner = getattr(__obj, "__self__", None)
        __self.spend(1 + len(owner) // PER_WORK if isinstance(owner, str) else 1)
        return super().call(__context, __obj, *args, **kwargs)

    # --- how much ---------------------------------------------------------------------------------------

    def concat(self, parts: Iterable[str]) -> str:
        """All text of a mail, a macro or a set block comes together here; read in pieces, so that too much of
        it is noticed before it is there."""
        waiting, done, size = iter(parts), list[str](), 0
        while found := list(islice(waiting, 256)):
            size += sum(map(len, found))
            if size > MOST_TEXT:
                _too_much(f"writes more than {MOST_TEXT:,} characters")
            done.append("".join(found))
        self.spend(size // PER_WORK)
        return done[0] if len(done) == 1 else "".join(done)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Only numbers of a size that a mail can have; texts and lists can be joined, not multiplied."""
        if isinstance(left, int | float) and isinstance(right, int | float):
            if operator == "**" and abs(right) > 10:
                _too_much("calculates with numbers that are too large")
            found = super().call_binop(context, operator, left, right)
            if isinstance(found, int) and abs(found) > _LARGEST:
                _too_much("calculates with numbers that are too large")
            return found
        if operator != "+":
            raise SecurityError(f"{operator} is for numbers")
        return self.weighed(super().call_binop(context, operator, left, right))

    def _paid(self, filter_: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that goes through all of a text, paid for by its length."""

        @wraps(filter_)  # with what Jinja has noted on it
        def paid(*arguments: Any, **options: Any) -> Any:
            text = next((each for each in arguments if isinstance(each, str)), "")
            self.spend(1 + len(text) // PER_WORK)
            return filter_(*arguments, **options)

        return paid

    def counted(self, items: Iterable[Any]) -> Iterator[Any]:
        """What a loop goes through, each round paid for."""
        for item in items:
            self.spend(1)
            yield item

    def weighed(self, value: Any) -> Any:
        """A text or list that was put together, paid for by all that is in it."""
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                if len(one) > MOST_TEXT:
                    _too_much(f"writes more than {MOST_TEXT:,} characters")
                self.spend(len(one) // PER_WORK)
            elif isinstance(one, Mapping):
                self.spend(len(one))
                waiting += one.values()
            elif isinstance(one, list | tuple):
                self.spend(len(one))
                waiting += one
        return value

    def _range(self, *bounds: int) -> range:
        found = range(*bounds)
        if len(found) > LONGEST_RANGE:
            _too_much(f"counts further than {LONGEST_RANGE:,}")
        return found

    def _join(self, items: Iterable[Any], between: str = "", attribute: str | None = None) -> str:
        found = [self.getattr(one, attribute) if attribute else one for one in self.counted(items)]
        if any(isinstance(one, Markup) for one in (between, *found)):
            return Markup(
                self.concat(_alternating(str(escape(between)), [str(escape(one)) for one in found]))
            )
        return self.concat(_alternating(str(between), [str(one) for one in found]))

    def _replace(self, text: Any, old: str, new: str, count: int = -1) -> str:
        text = text if isinstance(text, str) else str(text)
        if len(text) + text.count(str(old)) * len(str(new)) > MOST_TEXT:
            _too_much(f"writes more than {MOST_TEXT:,} characters")
        replaced: str = text.replace(str(old), str(new), count)
        return replaced

    # --- how that gets into a template ------------------------------------------------------------------

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        is_html = self.autoescape(name) if callable(self.autoescape) else self.autoescape
        guarded: nodes.Template = _Guarding(Scanner() if is_html else None).visit(source)
        return super()._generate(guarded, name, filename, defer_init)


def _alternating(between: str, texts: Sequence[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number and between:
            yield between
        yield text


_ADDRESSES = frozenset({"href", "src", "background", "action", "formaction", "poster", "cite"})


class _Guarding(NodeTransformer):
    """Puts the guards around all that can grow, loops and what puts values together; and in HTML, which
    `scanner` reads along, around each value that may begin an address."""

    def __init__(self, scanner: Scanner | None) -> None:
        self._scanner = scanner

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802 - Jinja's name
        if self._scanner is None:
            return self.generic_visit(node)
        for index, each in enumerate(node.nodes):
            if isinstance(each, nodes.TemplateData):
                self._scanner.read(each.data)
                continue
            node.nodes[index] = self._address(self._scanner, each, self.visit(each))
        return node

    @staticmethod
    def _address(scanner: Scanner, written: nodes.Expr, guarded: nodes.Expr) -> nodes.Expr:
        if scanner.where is not Where.VALUE or scanner.attribute not in _ADDRESSES:
            return guarded
        begins = scanner.branched or not scanner.began
        scanner.began = True
        if not begins or _is_ours(written):
            return guarded
        call = nodes.Filter(guarded, "web_address", [], [], None, None)
        call.set_lineno(written.lineno)
        return call

    def visit_If(self, node: nodes.If) -> nodes.Node:  # noqa: N802 - Jinja's name
        self._branch()
        return self.generic_visit(node)

    def _branch(self) -> None:
        if self._scanner is not None:
            self._scanner.branched = True

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's name
        self._branch()
        self.generic_visit(node)
        node.iter = _guarded("counted", node.iter)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        return _guarded("weighed", node)

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802 - Jinja's name
        return self._collection(node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802 - Jinja's name
        return self._collection(node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802 - Jinja's name
        return self._collection(node) if node.ctx == "load" else node

    def _collection(self, node: nodes.List | nodes.Dict | nodes.Tuple) -> nodes.Node:
        try:
            node.as_const()
        except nodes.Impossible:
            self.generic_visit(node)
            return _guarded("weighed", node)
        return node


def _is_ours(value: nodes.Expr) -> bool:
    """Whether a value in an address is the firm's own, or cannot be more than a part of one."""
    match value:
        case nodes.Const() | nodes.Filter(name="urlencode" | "int" | "web_address"):
            return True
        case nodes.Getattr(node=nodes.Name(name="firm" | "words")):
            return True
        case nodes.Name(name=name):
            return name in ("unsubscribe_url", "preferences_url", "confirm_url")
    return False


def _guarded(guard: str, node: nodes.Node) -> nodes.Call:
    call = nodes.Call(nodes.EnvironmentAttribute(guard), [node], [], None, None)
    call.set_lineno(node.lineno)
    return call
