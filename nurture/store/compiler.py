"""From the tree of a condition to SQL: what is the same whatever the condition is about.

TRUE, FALSE and NULL stand where `core.truth` answers True, False and None.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import sqlalchemy as sa

from nurture.core.expression import (
    And,
    Comparison,
    History,
    IsKnown,
    Literal,
    Lower,
    Name,
    Node,
    Not,
    Or,
    RuleCall,
    Term,
    TextTest,
)
from nurture.store import schema, shapes
from nurture.store.shapes import Answer, Shape, Speech


class NotCompiled(Exception):
    """A part of a condition that a database cannot answer; `part` names it as its author would."""

    def __init__(self, part: str) -> None:
        super().__init__(f"{part} cannot be asked of the database")
        self.part = part


class Compiler(ABC):
    """Turns nodes into expressions about one row; what names and histories mean there, a subclass says."""

    def __init__(self, speech: Speech) -> None:
        self.speech = speech

    @abstractmethod
    def lookup(self, path: tuple[str, ...]) -> Shape:
        """What a dotted name is. Raised when the database cannot be asked for it: NotCompiled."""

    @abstractmethod
    def happened(self, asked: History) -> sa.Select[tuple[int]]:
        """The rows of what happened, to be counted."""

    def truth(self, node: Node) -> Answer:
        """The node where a truth is asked for."""
        match node:
            case And(operands):
                return sa.and_(*(self.truth(operand) for operand in operands))
            case Or(operands):
                return sa.or_(*(self.truth(operand) for operand in operands))
            case Not(operand):
                return sa.not_(self.truth(operand))
            case Comparison():
                return sa.and_(
                    *(
                        shapes.compare(self.speech, self.value(left), op, self.value(right))
                        for left, op, right in node.pairs()
                    )
                )
            case History():
                return sa.exists(self.happened(node))
            case _:
                return shapes.truth_of(self.speech, self.value(node))

    def value(self, term: Term) -> Shape:
        match term:
            case Literal(value):
                return shapes.literal(value)
            case Name(path):
                return self.lookup(path)
            case History(kind):
                times = sa.distinct(self.speech.day(schema.signal.c.at)) if kind == "active_days" else None
                count = self.happened(term).with_only_columns(
                    sa.func.count() if times is None else sa.func.count(times)
                )
                return Shape(number=count.scalar_subquery())
            case Lower(subject):
                text = shapes.text_of(self.value(subject))
                return Shape() if text is None else Shape(text=self.speech.lower(text))
            case TextTest(subject, test, argument):
                return self._text_test(self.value(subject), test, self.value(argument))
            case IsKnown(name):
                return Shape(truth=shapes.known(self.value(name)))
            case RuleCall(rule):
                raise NotCompiled(f"the rule {rule} of a plugin")

    def _text_test(self, subject: Shape, test: str, argument: Shape) -> Shape:
        if test == "contains":
            return Shape(truth=shapes.contains(self.speech, subject, argument))
        text, part = shapes.text_of(subject), shapes.text_of(argument)
        if text is None or part is None:
            return Shape()
        ask = self.speech.starts if test == "startswith" else self.speech.ends
        return Shape(truth=ask(text, part))
