"""`draw`: the picture of a campaign."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture.cli.common import opened, say


def draw(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's name.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The SVG file; - for standard output.")
    ] = None,
) -> None:
    """Draw a campaign as SVG: a lane for each stage, the steps, and the ways between them.

    Example: nurture draw new-website --output new-website.svg
    """
    from nurture.errors import CampaignError, did_you_mean
    from nurture.simulate.draw import draw as picture

    with opened(context) as app:
        campaigns = {each.campaign.name: each.campaign for each in app.sound_documents().campaigns}
    if campaign not in campaigns:
        raise CampaignError(f"there is no campaign {campaign!r}{did_you_mean(campaign, campaigns)}")
    svg = picture(campaigns[campaign])
    path = output or Path(f"{campaign}.svg")
    if str(path) == "-":
        say(svg.rstrip("\n"))
        return
    path.write_text(svg, encoding="utf-8")
    say(f"wrote {path}")
