"""Reports as one HTML page that needs nothing else, for a desktop and for a telephone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import jinja2
from markupsafe import Markup

from nurture.reports.report import Kind, Report
from nurture.reports.writing import shown


def render_page(reports: Sequence[Report], made_at: datetime, period: str) -> str:
    """The page. `period` says in words whom it is about."""
    return _template().render(
        reports=reports, made_at=made_at, period=period, shown=shown, svg=Markup, is_text=_is_text
    )


def _is_text(kind: Kind) -> bool:
    return kind is Kind.TEXT


@cache
def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("nurture.reports", "pages")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("reports.html")
