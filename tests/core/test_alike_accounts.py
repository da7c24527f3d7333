"""Which accounts are of one company, which may be, and which are not."""

from __future__ import annotations

import pytest

from nurture.core.alike_accounts import compare_accounts
from nurture.core.alike_firms import Firm
from nurture.core.likeness import Verdict

SAME, DOUBTFUL, DIFFERENT = Verdict.SAME, Verdict.DOUBTFUL, Verdict.DIFFERENT


def firm(key: str = "", domain: str = "", country: str = "") -> Firm:
    return Firm(key or None, key.replace(" ", "") or None, domain or None, None, country or None)


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
