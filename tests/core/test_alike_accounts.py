"""Which accounts are of one company, which may be, and which are not."""

from __future__ import annotations

import pytest

from nurture.core.alike_accounts import compare_accounts
from nurture.core.alike_firms import Firm, Legal
from nurture.core.likeness import Verdict

SAME, DOUBTFUL, DIFFERENT = Verdict.SAME, Verdict.DOUBTFUL, Verdict.DIFFERENT


BV, NV = Legal("private company", "Dutch or French"), Legal("public company", "Dutch or French")


def firm(key: str = "", domain: str = "", country: str = "", legal: Legal | None = None) -> Firm:
    return Firm(key or None, key.replace(" ", "") or None, domain or None, None, country or None, legal)


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (firm("jansen", "jansen.nl"), firm("jansen", "shop.jansen.nl"), SAME),
        (firm("jansen", "jansen.nl"), firm("", "mail.jansen.nl"), SAME),
        (firm("law", "law.uniwest.nl"), firm("physics", "physics.uniwest.nl"), DOUBTFUL),
        (firm("bakkerij jansen"), firm("bakkerij jansen", "jansen.nl"), DOUBTFUL),
        (firm("muller bau"), firm("mueller bau", "mueller-bau.de"), DOUBTFUL),
        (firm("bakkerij jansen"), firm("", "bakkerij-jansen.nl"), DOUBTFUL),
        (firm("jansen", "jansen.nl"), firm("", "jansen.com"), DOUBTFUL),
        (firm("", "bakkerijjansen.nl"), firm("", "bakkerijjnasen.nl"), DOUBTFUL),
        (firm("bakkerij jansen"), firm("bakkerij jnasen"), DOUBTFUL),
        (firm("acme nederland"), firm("acme"), DOUBTFUL),
        (firm("siemens", country="NL"), firm("siemens", country="DE"), DIFFERENT),
        (firm("jansen bouw", "jansen.nl"), firm("jansen bakkerij", "jansen.com"), DIFFERENT),
        (firm("bakkerij jansen", "bj.nl"), firm("bakkerij jnasen", "oost.nl"), DIFFERENT),
        (firm("", "an.gmail.com"), firm("", "bo.gmail.com"), DIFFERENT),
        (firm(), firm("jansen"), DIFFERENT),
        # One name, and a domain with one wrong letter: somebody mistyped it.
        (firm("bakkerij jansen", "bakkerijjansen.nl"), firm("bakkerij jansen", "bakkerijjnasen.nl"), SAME),
        (
            firm("bakkerij jnasen", "bakkerijjnasen.nl"),
            firm("bakkerij jansen", "bakkerijjansen.nl"),
            DOUBTFUL,
        ),
        (firm("bakkerij jnasen", "bakkerijjansen.nl"), firm("bakkerij jansen", "bakkerijjanen.nl"), SAME),
        (firm("acme bouw", "acmebouw.nl", "NL"), firm("acme bouw", "acmebuow.nl", "BE"), DOUBTFUL),
        # A hyphen is no wrong letter, and a legal form of another kind is no slip.
        (firm("jansen bouw", "jansen-bouw.nl"), firm("jansen bouw", "jansenbouw.nl"), DOUBTFUL),
        (firm("jansen bouw", "jansen-bouw.nl"), firm("jansen bouw", "jansennbouw.nl"), DOUBTFUL),
        (firm("jansen bouw", "jansenbouw.nl", "", BV), firm("jansen bouw", "jansebouw.nl", "", NV), DOUBTFUL),
        # In one country, the one's name, written in another way, is the other's domain.
        (firm("bouw jansen", "jansenbouw.nl", "NL"), firm("jansen bouw", "", "NL"), SAME),
        (firm("bouw jansen", "jansenbouw.nl", "NL"), firm("jansen bouw", "", ""), DOUBTFUL),
        (firm("bouw jansen", "jansenbouw.nl", "NL"), firm("jansen bouw", "oost.nl", "NL"), DOUBTFUL),
    ],
)
def test_what_two_accounts_are_to_each_other(one: Firm, other: Firm, verdict: Verdict) -> None:
    assert (compare_accounts(one, other).verdict, compare_accounts(other, one).verdict) == (verdict, verdict)


def test_the_reasons_are_words() -> None:
    likeness = compare_accounts(firm("jansen", "jansen.nl", "NL"), firm("jansen", "jansen.com", "NL"))
    assert likeness.reasons == (
        "the same name, but for the legal form and such",
        "the same domain with another ending",
        "the same country",
    )
