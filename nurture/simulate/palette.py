"""The colours of the pictures, for light and for dark, and the style of the drawing.

No two of them differ by red and green alone, every text has a contrast of 4.5 to 1 at least, and what
a colour says is said in words as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

DRAWING = """
.campaign{--paper:#fff;--ink:#1c2630;--soft:#55626d;--line:#75828e;--rule:#e3e8ec;--box:#fff;--edge:#c3ccd3;
--lane:#f3f5f7;--mail:#0b65ad;--time:#855c00;--fork:#6a4aa5;--act:#00696a;--goal:#1a7340;--stop:#b0352a;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){.campaign{--paper:#12161b;--ink:#e8ecf0;--soft:#a9b4be;--line:#7d8a96;
--rule:#36414b;--box:#222a32;--edge:#46525d;--lane:#191f25;--mail:#6cb8f0;--time:#e0b04a;--fork:#bda6ee;
--act:#56c8bf;--goal:#6fce8d;--stop:#f49488}}
.campaign .paper{fill:var(--paper)}.campaign .lane{fill:var(--lane)}
.campaign text{fill:var(--ink);font-size:13px}.campaign .title{font-size:19px;font-weight:650}
.campaign .stage{font-size:14px;font-weight:650;text-transform:capitalize}
.campaign .line{fill:none;stroke-width:1.6}.campaign .unused{opacity:.55}
.campaign .way,.campaign .come{--stroke:var(--line)}.campaign .back{--stroke:var(--fork)}
.campaign .jump{--stroke:var(--goal)}
.campaign .line{stroke:var(--stroke)}.campaign .head{fill:var(--stroke)}
.campaign .back.line{stroke-dasharray:7 4}.campaign .jump.line{stroke-dasharray:2 4;stroke-linecap:round}
.campaign .box{fill:var(--box);stroke:var(--edge);stroke-width:1.2}.campaign .rule{stroke:var(--rule)}
.campaign .mail{--tone:var(--mail)}.campaign .time{--tone:var(--time)}.campaign .fork{--tone:var(--fork)}
.campaign .act{--tone:var(--act)}.campaign .goal{--tone:var(--goal)}.campaign .stop{--tone:var(--stop)}
.campaign .tone{fill:var(--tone)}.campaign .kind{fill:var(--tone);font-size:10.5px;font-weight:700;
letter-spacing:.06em}.campaign .id{font-weight:600}
.campaign .soft,.campaign .foot{fill:var(--soft);font-size:12px}.campaign .foot{font-size:11.5px}
.campaign .label{fill:var(--soft);font-size:11.5px;paint-order:stroke;stroke:var(--lane);stroke-width:5px;
stroke-linejoin:round}.campaign .number{fill:var(--ink);font-weight:650}
"""

STANDINGS: Mapping[str, tuple[str, str]] = {
    "orientation": ("#74aee0", "#2b5f8f"),
    "comparison": ("#2f7fc1", "#4b93cd"),
    "decision": ("#0d4a80", "#a6d2f6"),
    "prospect": ("#f0b02f", "#a86f0e"),
    "accepted": ("#d6742a", "#e09a3c"),
    "customer": ("#96390e", "#f8d8a6"),
    "recycled": ("#b7a9dc", "#63548f"),
    "lost": ("#7d6bab", "#9a89c8"),
    "disqualified": ("#8b97a1", "#6f7c87"),
    "junk": ("#bcc5cc", "#4c5761"),
    "lead": ("#d9dfe4", "#39434c"),
}
"""How people stand → the colour for light and for dark, in the order of the journey: ramps that differ in
brightness too."""

OTHER = ("#5d6872", "#a9b4be")
"""For a standing that has none."""


def standing_style(names: Sequence[str]) -> str:
    """The style that colours these standings: areas and the marks of the key, by the class `at-NAME`."""
    light = "".join(_coloured(name, STANDINGS.get(name, OTHER)[0]) for name in names)
    dark = "".join(_coloured(name, STANDINGS.get(name, OTHER)[1]) for name in names)
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"


def _coloured(name: str, colour: str) -> str:
    return f".at-{name}{{fill:{colour};background:{colour}}}"
