"""Who is the same, who may be, and who is not: the names, firms, mailboxes and numbers of real lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.addresses import organisation_of
from nurture.core.alike_firms import Firm, Firms, firms_alike
from nurture.core.alike_mail import Mailboxes, is_shared, mailbox, mailboxes_alike
from nurture.core.alike_names import Names, called, names_alike
from nurture.core.likeness import Traits, Verdict, compare, may_be_one
from nurture.core.spelling import sound

SAME, DOUBTFUL, DIFFERENT = Verdict.SAME, Verdict.DOUBTFUL, Verdict.DIFFERENT


def person(name: str = "", email: str = "", phone: str = "", firm: str = "", **more: str) -> Traits:
    phones = frozenset({phone} if phone else ())
    return Traits(
        called=called(name),
        emails=(email,) if email else (),
        phones=phones,
        mobiles=frozenset(one for one in phones if one.startswith("+316")),
        firm=Firm(key=firm or None, domain=more.get("domain")),
        town=more.get("town"),
    )


def names(one: str, other: str) -> Names:
    return names_alike(called(one), called(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jürgen Müller", "Juergen Mueller"),
        ("Jürgen Müller", "Jurgen Muller"),
        ("Zoë Coëlho", "Zoe Coelho"),
        ("Søren Jørgensen", "Soeren Joergensen"),
        ("Jan Jansen", "Jansen Jan"),
        ("Jan van den Berg", "Jan Berg"),
        ("Jan van den Berg", "Jan v.d. Berg"),
        ("Jan van den Berg", "Jan v/d Berg"),
        ("Jan van den Berg", "Jan Vandenberg"),
        ("Els De Smet", "Els Desmet"),
        ("Dr. An de Vries", "An de Vries"),
        ("Sinéad O'Connor", "Sinead OConnor"),
        ("Meijer Piet", "Piet Meyer"),
        ("Ingrid Kuipers", "Ingrid Kiupers"),
        ("Jan de Wit", "Jan Dewit"),
        ("Els van 't Hof", "Els Hof"),
    ],
)
def test_one_name_is_the_same_in_all_its_spellings(one: str, other: str) -> None:
    assert names(one, other) is Names.SAME


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Jan de Vries", "Jan de Vries-Bakker", Names.LONGER),
        ("María García López", "María García", Names.LONGER),
        ("Hanneke Visser", "Hannneke Visser", Names.MISTYPED),
        ("J. Jansen", "Jan Jansen", Names.SHORTENED),
        ("Rob Smith", "Robert Smith", Names.FAMILIAR),
        ("Alexa Smith", "Alexandra Smith", Names.SHORTENED),
        ("Henk Mulder", "Hendrik Mulder", Names.FAMILIAR),
        ("Hans Mulder", "Jan Mulder", Names.FAMILY),
        ("K. Mulder", "Cornelis Mulder", Names.SHORTENED),
        ("T. Willems", "Thijs Willems", Names.SHORTENED),
        ("E. de Jong", "P. de Jong", Names.FAMILY),
        ("Dejan Bos", "Jan Bos", Names.FAMILY),
        ("Elizabeth Baown", "Elizabeth Brown", Names.BLURRED),
        ("Hofmann-Weiden T.", "Tom Hofmann-Weiden", Names.SHORTENED),
        ("Jan", "Jan de Vries", Names.PART),
        ("An de Vries", "An Bakker", Names.SURNAME_CHANGED),
        ("Jan Jansen", "Jaap Jansen", Names.FAMILY),
        ("J. Jansen", "P. Jansen", Names.FAMILY),
        ("Begoña Núñez Iglesias", "Antonio Núñez Iglesias", Names.FAMILY),
        ("Jean Martin", "Jean-Pierre Martin", Names.SHORTENED),
        ("Jan de Vries", "Piet Bakker", Names.DIFFERENT),
        ("Lead 660737", "Lead 660738", Names.DIFFERENT),
        ("", "Piet Bakker", Names.UNKNOWN),
    ],
)
def test_what_two_names_are_to_each_other(one: str, other: str, alike: Names) -> None:
    assert names(one, other) is alike


@given(st.text(max_size=30), st.text(max_size=30))
def test_names_are_as_alike_the_other_way_round(one: str, other: str) -> None:
    assert names(one, other) is names(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("Meyer", "Meijer"), ("Schmidt", "Schmitt"), ("Philips", "Filips")]
)
def test_what_sounds_alike_is_found_together(one: str, other: str) -> None:
    assert sound(called(one).words[0]) == sound(called(other).words[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("an+news@firm.nl", "an@firm.nl"),
        ("a.n.devries@gmail.com", "andevries@gmail.com"),
        ("andevries@googlemail.com", "an.devries@gmail.com"),
        ("An@Firm.NL", "an@firm.nl"),
    ],
)
def test_one_mailbox_is_the_same_in_all_its_spellings(one: str, other: str) -> None:
    assert mailbox(one) == mailbox(other)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("an.devries@gmial.com", "andevries@gmail.com", Mailboxes.OTHER),
        ("andevries@gmial.com", "an.devries@gmail.com", Mailboxes.AT_MISTYPED_DOMAIN),
        ("an@bakkerijvries.nl", "an@bakkerijvires.nl", Mailboxes.AT_MISTYPED_DOMAIN),
        ("andevries@firm.nl", "andevires@firm.nl", Mailboxes.MISTYPED),
        ("an@gmx.de", "an@gmx.net", Mailboxes.OTHER),
        ("an@abc.nl", "an@abd.nl", Mailboxes.OTHER),
        ("andevries1@gmail.com", "andevries2@gmail.com", Mailboxes.OTHER),
        ("andevries@gmail.com", "andevries@hotmail.com", Mailboxes.OTHER),
        ("purplepenguin@gmail.com", "purplepenguin@hotmail.com", Mailboxes.NAMED_ALIKE),
        ("an.d.devries@firm1.nl", "an.d.devries@firm2.nl", Mailboxes.OTHER),
        ("adevries@ziggo.nl", "devries@ziggo.nl", Mailboxes.OTHER),
    ],
)
def test_what_two_addresses_are_to_each_other(one: str, other: str, alike: Mailboxes) -> None:
    assert mailboxes_alike(one, other, frozenset(called("An de Vries").full)) is alike


@pytest.mark.parametrize(
    "address", ["info@firm.nl", "familie.devries@ziggo.nl", "fam.devries@gmail.com", "devries@ziggo.nl"]
)
def test_a_task_and_a_family_share_a_mailbox(address: str) -> None:
    assert is_shared(address, frozenset({"vries"}))


@pytest.mark.parametrize("address", ["an@firm.nl", "an.devries@ziggo.nl", "devries@firm.nl"])
def test_a_mailbox_of_somebodys_own_is_not_shared(address: str) -> None:
    assert not is_shared(address, frozenset({"vries"}))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (Firm(key="jansen"), Firm(key="jansen"), Firms.SAME),
        (Firm(key="jansen", country="NL"), Firm(key="jansen", country="DE"), Firms.NEAR),
        (Firm(key="de vries bakkerij"), Firm(key="bakkerij de vries"), Firms.SAME),
        (Firm(key="bakkerij jansen"), Firm(key="bakkerij jnasen"), Firms.NEAR),
        (Firm(key="acme nederland"), Firm(key="acme"), Firms.NEAR),
        (Firm(key="studio 12"), Firm(key="studio 13"), Firms.OTHER),
        (Firm(domain="jansen.nl"), Firm(domain="jansen.com"), Firms.NEAR),
        (Firm(domain="bakkerij-jansen.nl"), Firm(key="bakkerij jansen"), Firms.SAME),
        (Firm(domain="jongbouw.nl"), Firm(key="jong bouw", domain="devriesbouw.nl"), Firms.OTHER),
        (Firm(key="jansen", domain="jansen1.nl"), Firm(key="jansen", domain="bakker2.nl"), Firms.NAMESAKE),
        (Firm(), Firm(key="jansen"), Firms.UNKNOWN),
    ],
)
def test_what_two_companies_are_to_each_other(one: Firm, other: Firm, alike: Firms) -> None:
    assert (firms_alike(one, other), firms_alike(other, one)) == (alike, alike)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person("An de Vries", "an@ziggo.nl"), person("de Vries An", "an+news@ziggo.nl")),
        (person("A. de Vries", "an@firm.nl"), person("An de Vries", "an@firm.nl")),
        (person("An de Vries", "an@firm.nl"), person("An Bakker", "an@firm.nl")),
        (person("An de Vries", phone="+31612345678"), person("A. de Vries", phone="+31612345678")),
        (person("An de Vries", phone="+31201234567"), person("An de Vries", phone="+31201234567")),
        (person("An de Vries", firm="jansen"), person("An de Vries", "an@gmail.com", firm="jansen")),
        (person("An de Vries", "an@gmial.com"), person("An de Vries", "an@gmail.com")),
        (person("Michael Bos", "m.bos@firm.nl"), person("Mike Bos", "m.bos@firm.nl")),
        (person("Robert Bos", "rbos@ziggo.nl"), person("Bob Bos", "rbos@ziggo.nl")),
        (person("Hendrik Bos", firm="bakkerij"), person("Henk Bos", firm="bakkerij")),
        (person("J. Jansen", "jan.jansen@firm.nl", firm="bakkerij"), person("Jan Jansen", firm="bakkerij")),
        (person("Jan Bos jr.", "jan@firm.nl"), person("Jan Bos", "jan@firm.nl")),
        (person("Micky Bos", "bos@firm.nl"), person("Mirko Bos", "bos@firm.nl")),
        (
            person("Hanneke Vissser", "hanneke.visser@firm.nl", firm="jansen"),
            person("Hanneke Visser", firm="jansen"),
        ),
    ],
)
def test_a_name_with_something_of_their_own_is_sure(one: Traits, other: Traits) -> None:
    assert (compare(one, other).verdict, compare(other, one).verdict) == (SAME, SAME)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person("An de Vries"), person("An de Vries")),
        (person("An de Vries", town="gouda"), person("An de Vries", town="gouda")),
        (person("J. Jansen", firm="bakkerij"), person("Jan Jansen", firm="bakkerij")),
        (person("Jan Jansen", firm="bakkerij"), person("Jan Janssen", firm="bakkerij")),
        (person("J. Jansen", phone="+31201234567"), person("Jan Jansen", phone="+31201234567")),
        (person("J. Bos", "fam.bos@ziggo.nl"), person("Jan Bos", "fam.bos@ziggo.nl")),
        (person("Jan Bos jr.", "fam.bos@ziggo.nl"), person("Jan Bos", "fam.bos@ziggo.nl")),
        (person("Jan Bos", "jan@firm.nl", firm="firm"), person("Jan Bos", "jan2@firm.nl", firm="firm")),
        (person("Jan Bos", "bos.p@ziggo.nl"), person("Piet Bos", "bos.p@ziggo.nl")),
        (person("J. Jansen", "jjansen@firm.nl", firm="bakkerij"), person("Jan Jansen", firm="bakkerij")),
        (person("Juan Carlos Bos", "bos@ziggo.nl"), person("Carlos Bos", "bos@ziggo.nl")),
        (
            person("Jan Bos", "jan@bosbouw.nl", firm="bos", domain="bosbouw.nl"),
            person("Jan Bos", "jan@bouwbos.nl", firm="bos", domain="bouwbos.nl"),
        ),
        (person("G. de Jong", "gijs@firm.nl"), person("Gijs de ong", "gijs@firm.nl")),
    ],
)
def test_what_others_may_have_too_is_doubtful(one: Traits, other: Traits) -> None:
    assert (compare(one, other).verdict, compare(other, one).verdict) == (DOUBTFUL, DOUBTFUL)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person("Jan Bos", "info@firm.nl"), person("Piet Smit", "info@firm.nl")),
        (person("Jan Bos", "an@firm.nl"), person("Piet Smit", "an@firm.nl")),
        (person("Jan Bos", "fam.bos@ziggo.nl"), person("Eva Bos", "fam.bos@ziggo.nl")),
        (person("Jan Bos sr.", "bos@ziggo.nl"), person("Jan Bos jr.", "bos@ziggo.nl")),
        (person("Jan Bos", phone="+31201234567"), person("Piet Smit", phone="+31201234567")),
        (person("Jan Jansen", firm="bakkerij"), person("Jaap Jansen", firm="bakkerij")),
        (person("J. Jansen"), person("Jan Jansen")),
        (
            person("Jan Bos", "jan@a.nl", "+31201234567", "bakker"),
            person("Jan Bos", "jan@b.nl", "+31201234568", "slager"),
        ),
    ],
)
def test_what_contradicts_is_different(one: Traits, other: Traits) -> None:
    assert (compare(one, other).verdict, compare(other, one).verdict) == (DIFFERENT, DIFFERENT)


def test_the_reasons_are_words() -> None:
    likeness = compare(
        person("J. Jansen", "info@firm.nl", "+31201234567", "firm", town="gouda"),
        person("Jan Jansen", "info@firm.nl", "+31201234567", "firm", town="breda"),
    )
    assert likeness.reasons == (
        "names of which one is a shorter form of the other",
        "the same mailbox, which several people may read",
        "the same telephone number",
        "the same company",
        "different towns",
    )


FEW = st.sampled_from(["", "Jan Bos", "J. Bos", "Jaap Bos", "Jan Bos jr.", "Eva Smit", "Bos", "Jan Smit"])
MAIL = st.sampled_from(["", "jan@firm.nl", "info@firm.nl", "bos@ziggo.nl", "jan@gmail.com", "jan@gmial.com"])
PHONE = st.sampled_from(["", "+31612345678", "+31612345679", "+31201234567"])
FIRM = st.sampled_from(["", "firm", "frim", "other"])
PEOPLE = st.builds(person, FEW, MAIL, PHONE, FIRM)


@given(PEOPLE, PEOPLE)
def test_two_are_as_alike_the_other_way_round(one: Traits, other: Traits) -> None:
    assert compare(one, other) == compare(other, one)


@given(PEOPLE, PEOPLE)
def test_the_quick_look_passes_over_nobody_who_is_the_same(one: Traits, other: Traits) -> None:
    reached = bool({mailbox(e) for e in one.emails} & {mailbox(e) for e in other.emails})
    reached = reached or bool(one.phones & other.phones)
    if compare(one, other).verdict is SAME:
        assert may_be_one(one.called, other.called, reached_alike=reached)


@given(PEOPLE)
def test_a_name_alone_is_never_sure(one: Traits) -> None:
    other = Traits(called=one.called)
    assert compare(one, other).verdict is not SAME


def test_namesakes_with_an_address_each_at_one_organisation_are_in_doubt() -> None:
    one = person("Jan Jansen", "jan@north.bigfirm.example", domain="bigfirm.example")
    other = person("Jan Jansen", "jan2@south.bigfirm.example", domain="bigfirm.example")
    assert compare(one, other).verdict is DOUBTFUL


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("firm.nl", "firm.nl"),
        ("mail.firm.nl", "firm.nl"),
        ("mail.firm.co.uk", "firm.co.uk"),
        ("x.firm.com.br", "firm.com.br"),
    ],
)
def test_an_organisation_is_what_is_registered(domain: str, organisation: str) -> None:
    assert organisation_of(domain) == organisation
