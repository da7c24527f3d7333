"""Clicks that are waited for in mails in which there is nothing to click."""

from __future__ import annotations

from nurture.core.campaign import Campaign, SendStep
from nurture.core.expression import History, walk
from nurture.core.model import SignalKind
from nurture.language import foresight
from nurture.language.documents import Draft
from nurture.language.mentions import Known
from nurture.language.reading import inside


def check_links(draft: Draft, campaign: Campaign, known: Known) -> None:
    """Each condition on a click in a mail of the campaign whose template has no link."""
    for condition, node in draft.reader.conditions:
        for part in walk(condition.root):
            if not isinstance(part, History) or part.kind != SignalKind.CLICKED:
                continue
            step = campaign.steps.get(part.what or "")
            if not isinstance(step, SendStep) or step.template not in known.templates:
                continue
            if not known.has_link(step.template):
                draft.reader.report.add(
                    foresight.NOTHING_TO_CLICK,
                    inside(node, part.column),
                    f"clicked({step.id!r}) can never happen: {step.template} has no link to click",
                    "put a link into the template, or ask for something else: opened, visited, replied",
                )
