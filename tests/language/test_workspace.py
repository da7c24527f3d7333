from __future__ import annotations

import dataclasses
import re
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture.core.campaign import Campaign
from nurture.core.profile import Profile
from nurture.errors import CampaignError
from nurture.language.workspace import Compiled, Known, compile_source, load_documents
from tests.language.examples import BOTH, CAMPAIGN, KNOWN, PROFILE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "campaigns"
    folder.mkdir()
    return folder


def load(folder: Path, *texts: str, known: Known = KNOWN) -> Compiled:
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    return load_documents(folder, known=known)


@dataclass(frozen=True)
class Mistake:
    """An edit of one of the example documents, and the finding that must follow, where the ¦ stands."""

    code: str
    old: str
    new: str
    base: str

    def made(self) -> tuple[str, tuple[int, int]]:
        assert self.old in self.base
        text = self.base.replace(self.old, self.new, 1)
        before = text[: text.index("¦")]
        return text.replace("¦", ""), (before.count("\n") + 1, len(before) - before.rfind("\n"))


def test_the_example_of_the_design_has_no_findings(folder: Path) -> None:
    assert load(folder, BOTH).findings == ()


def test_the_example_gives_one_profile_and_one_campaign(folder: Path) -> None:
    compiled = load(folder, BOTH)
    assert [each.text.name for each in (*compiled.profiles, *compiled.campaigns)] == [
        "web-agency",
        "new-website",
    ]


def test_a_campaign_s_tests_are_kept(folder: Path) -> None:
    (campaign,) = load(folder, BOTH).campaigns
    (happening,) = campaign.tests[0].when
    assert (happening.kind, happening.what) == ("submitted", "quote")


PROFILE_MISTAKES = [
    ("N101", "prospect_at: 60", "prospect_at: 60\n  ¦rule: []"),
    ("N101", "points: 30", "¦pionts: 30, points: 30"),
    (
        "N102",
        '- {on: submitted, where: form == "brochure",                ',
        '- ¦{where: form == "brochure", ',
    ),
    ("N103", "prospect_at: 60", "prospect_at: ¦sixty"),
    ("N103", "buying: true", "buying: ¦yes"),
    ("N103", "require: [name, any_of: [email, phone]]", "require: ¦name"),
    ("N104", "kind: profile", "kind: ¦profil"),
    ("N201", "half_life: 21d", "half_life: ¦21 days"),
    ("N201", "half_life: 21d", "half_life: ¦0d"),
    ("N101", "half_life: 21d", "¦half_lives: 21d"),
    ("N103", "half_life: 21d", "half_life: 21d, caps: ¦10"),
    ("N103", "half_life: 21d", "half_life: 21d, caps: {visited: ¦ten}"),
    ("N201", "half_life: 21d", "half_life: 21d, settle: ¦soon"),
    ("N201", "half_life: 21d", "half_life: 21d, dormant_after: ¦0d"),
    ("N207", "half_life: 21d", "half_life: 21d, caps: {visited: ¦-1}"),
    ("N207", "points: 30", "points: ¦99999"),
    ("N208", "points: 30", "points: 30, about: ¦bugdet"),
    ("N208", "stage: comparison", "stage: ¦compare"),
    ("N209", "name: web-agency", "name: ¦web agency"),
    ("N301", "5 <= account.employees", "5 <=¦> account.employees"),
    ("N301", "'account.country in", "'¦acount.country in"),
    ("N301", "answers.role ==", "answers.role ¦="),
    ("N301", "where: form ==", "where: ¦fit =="),
    ("N302", "promote: fit >= 60", 'promote: ¦clicked("welcome") and fit >= 60'),
    ("N303", 'stage in ["comparison"', '¦stage in ["comparisn"'),
    ("N406", "[company_from_email_domain]", "[¦company_by_magic]"),
    ("N501", "id: budget", "id: ¦sme"),
    ("N602", "fit:\n  prospect_at: 60", "¦fit:\n  prospect_at: 91"),
    ("N602", "promote: fit >= 60", "¦promote: fit >= 95"),
    ("N606", "[name, any_of", "[¦nmae, any_of"),
    ("N606", "account.employees", "¦account.employes"),
    ("N606", "on: visited", "on: ¦visitted"),
]

CAMPAIGN_MISTAKES = [
    ("N101", "policy:", "¦polisy: {}\npolicy:"),
    ("N101", "up_to: 4d}", "up_to: 4d, ¦upto: 3d}"),
    ("N101", "{id: pause,    wait: 3d}", "{id: pause, wait: 3d, ¦up_to: 3d}"),
    ("N101", "  decision:", "  ¦decisions:"),
    (
        "N102",
        '{id: read-it,  wait_for: clicked("welcome"), up_to: 4d}',
        '¦{id: read-it, wait_for: clicked("welcome")}',
    ),
    ("N102", "{id: pause,    wait: 3d}", "¦{wait: 3d}"),
    ("N103", "priority: 10", "priority: ¦high"),
    ("N201", "wait: 3d", "wait: ¦3 dagen"),
    ("N201", "4 business hours", "¦4 office hours"),
    ("N201", "after 180d", "¦later"),
    ("N202", "mon-fri", "¦mon-vri"),
    ("N203", "09:00-17:30", "¦9 to 5"),
    ("N204", "Europe/Amsterdam", "¦Europe/Amsterdm"),
    ("N205", "locale: nl", "locale: ¦nederlands"),
    ("N206", "holidays: NL", "holidays: ¦XX"),
    ("N207", "messages: 2", "messages: ¦0"),
    ("N208", "round_robin", "¦round-robin"),
    ("N210", "no_fit: disqualify", "no_fit: ¦forget"),
    ("N301", 'wait_for: clicked("welcome")', 'wait_for: ¦clickd("welcome")'),
    ("N401", 'wait_for: clicked("welcome")', 'wait_for: ¦clicked("wellcome")'),
    ("N401", 'wait_for: clicked("welcome")', 'wait_for: fit > 3 and not ¦clicked("pause")'),
    ("N401", "up_to: 4d}", "up_to: 4d, on_timeout: ¦frok}"),
    ("N401", "up_to: 4d}", "up_to: 4d, on_timeout: ¦pause}"),
    ("N401", "up_to: 4d}", "up_to: 4d, on_timeout: ¦plan}"),
    ("N402", "send: orientation/welcome", "send: ¦orientation/welcom"),
    ("N404", "team: sales-nl", "team: ¦sales-be"),
    ("N405", "[email, webhook]", "[email, ¦web-hook]"),
    ("N407", "profile: web-agency", "profile: ¦webagency"),
    ("N408", "not_now: recycle", "¦not-now: recycle"),
    ("N501", "id: pause", "id: ¦welcome"),
    ("N503", "{id: pause,    wait: 3d}", "¦{id: pause}"),
    ("N504", "wait: 3d}", "wait: 3d, ¦send: orientation/cases}"),
    ("N506", "{else: [{id: how-it-works", "{¦else: []}\n        - {else: [{id: how-it-works"),
    ("N507", "{a: 45, b: 45, holdout: 10}", "¦{a: 45, b: 45}"),
    ("N508", "holdout: 10", "¦rest: 10"),
    ("N509", "b: [{id: proof-b", "¦c: [], b: [{id: proof-b"),
    ("N601", "decision:\n    - {id: plan, send: decision/planning}", "¦decision: []"),
]


MISTAKES = [Mistake(*each, PROFILE) for each in PROFILE_MISTAKES]
MISTAKES += [Mistake(*each, CAMPAIGN) for each in CAMPAIGN_MISTAKES]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake.code} {mistake.new}")
def test_a_mistake_is_found_where_it_stands(folder: Path, mistake: Mistake) -> None:
    text, place = mistake.made()
    other = CAMPAIGN if mistake.base is PROFILE else PROFILE
    findings = load(folder, text, other).findings
    assert (mistake.code, place) in [
        (finding.code, (finding.line, finding.column))
        for finding in findings
        if finding.file.endswith("0.yaml")
    ]


def found(folder: Path, *texts: str, known: Known = KNOWN) -> list[str]:
    return [finding.code for finding in load(folder, *texts, known=known).findings]


def test_all_mistakes_of_a_file_are_found_at_once(folder: Path) -> None:
    text = (
        BOTH.replace("points: 30", "points: many")
        .replace("wait: 3d", "wait: long")
        .replace("locale: nl", "locale: xx")
    )
    assert found(folder, text) == ["N103", "N205", "N201"]


@pytest.mark.parametrize(
    ("key", "misspelt"), [("wait: 3d", "wiat: 3d"), ("up_to: 4d", "upto: 4d"), ("locale: nl", "local: nl")]
)
def test_a_misspelt_key_is_not_missing_too(folder: Path, key: str, misspelt: str) -> None:
    assert found(folder, PROFILE, CAMPAIGN.replace(key, misspelt)) == ["N101"]


@pytest.mark.parametrize("key", ["name", "profile", "purpose", "locale", "timezone", "audience", "stages"])
def test_a_campaign_needs(folder: Path, key: str) -> None:
    lines = CAMPAIGN.split("\n")
    index = next(number for number, line in enumerate(lines) if line.startswith(f"{key}:"))
    end = next(n for n in range(index + 1, len(lines)) if not lines[n].startswith(" "))
    assert "N102" in found(folder, PROFILE, "\n".join(lines[:index] + lines[end:]))


def test_a_choose_with_else_alone_has_no_branches(folder: Path) -> None:
    text = CAMPAIGN.replace(
        '        - {when: clicked("welcome"), do: [{id: cases, send: orientation/cases}]}\n', ""
    )
    assert found(folder, PROFILE, text) == ["N505"]


def test_a_campaign_without_a_handover_is_warned_of(folder: Path) -> None:
    assert found(folder, PROFILE, CAMPAIGN[: CAMPAIGN.index("handover:")]) == ["N607"]


def test_a_template_must_be_there_in_the_campaign_s_locale(folder: Path) -> None:
    only_english = {**KNOWN.templates, "orientation/cases": frozenset({"en"})}
    assert found(folder, BOTH, known=dataclasses.replace(KNOWN, templates=only_english)) == ["N403"]


def test_a_template_that_lacks_a_locale_that_others_have_is_warned_of(folder: Path) -> None:
    only_dutch = {**KNOWN.templates, "orientation/cases": frozenset({"nl"})}
    assert found(folder, BOTH, known=dataclasses.replace(KNOWN, templates=only_dutch)) == ["N605"]


def test_a_stage_that_no_signal_leads_to_is_warned_of(folder: Path) -> None:
    text = BOTH.replace(", stage: decision, ", ", ").replace("stage: decision,   ", "")
    assert found(folder, text) == ["N603"]


def test_two_campaigns_of_one_name_are_an_error(folder: Path) -> None:
    assert found(folder, BOTH, CAMPAIGN) == ["N502"]


def test_two_profiles_of_two_names_are_a_warning(folder: Path) -> None:
    assert found(folder, BOTH, PROFILE.replace("name: web-agency", "name: other")) == ["N604"]


def test_an_empty_document_is_a_warning(folder: Path) -> None:
    assert found(folder, BOTH + "---\n") == ["N105"]


@pytest.mark.parametrize("text", ["just words", "- a\n- list", "5", "kind: [a]"])
def test_what_is_no_document_is_an_error(folder: Path, text: str) -> None:
    assert any(finding.severity == "error" for finding in load(folder, BOTH, text).findings)


def test_a_folder_without_campaigns_is_a_finding(folder: Path) -> None:
    assert found(folder, PROFILE) == ["N608"]


def test_a_folder_with_nothing_in_it_is_an_error(folder: Path) -> None:
    assert found(folder) == found(folder / "not-there") == ["N410"]


@pytest.mark.parametrize("others", [(), (PROFILE,)])
def test_a_campaign_may_be_in_a_file_that_cannot_be_read(folder: Path, others: tuple[str, ...]) -> None:
    assert found(folder, *others, "a: [1,\n") == ["N003"]


def test_an_error_in_one_document_leaves_the_others_of_the_file(folder: Path) -> None:
    compiled = load(folder, BOTH.replace("wait: 3d", "wait: long"))
    assert (len(compiled.profiles), len(compiled.campaigns)) == (1, 0)


def test_yaml_that_cannot_be_trusted_leaves_nothing_of_the_file(folder: Path) -> None:
    compiled = load(folder, BOTH.replace("locale: nl", "locale: nl\nlocale: en"))
    assert (compiled.profiles, compiled.campaigns) == ((), ())


def test_files_in_folders_beneath_are_read_and_named_from_the_workspace(folder: Path) -> None:
    (folder / "shop").mkdir()
    (folder / "shop" / "a.yaml").write_text("kind: nothing")
    assert [finding.file for finding in load(folder, BOTH).findings] == ["campaigns/shop/a.yaml"]


# --- published texts --------------------------------------------------------------------------------


def test_a_published_text_compiles_to_what_was_published(folder: Path) -> None:
    compiled = load(folder, BOTH)
    for campaign in compiled.campaigns:
        assert compile_source(campaign.text.source, "the database") == campaign.campaign
    for profile in compiled.profiles:
        assert compile_source(profile.text.source, "the database") == profile.profile


def test_a_published_text_may_call_a_rule_that_is_not_loaded_any_more() -> None:
    text = CAMPAIGN.replace('"website" in contact.interests', "business_email(contact.email)")
    assert isinstance(compile_source(text, "the database"), Campaign)


def test_a_published_text_that_is_broken_is_an_error_that_says_where() -> None:
    with pytest.raises(CampaignError, match=r"the database:15:28: N201"):
        compile_source(CAMPAIGN.replace("wait: 3d", "wait: long"), "the database")


def version(text: str) -> str:
    compiled = compile_source(text, "x")
    assert isinstance(compiled, Campaign | Profile)
    return compiled.version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# over all campaigns", "# mind this"),
        ("purpose: marketing", "purpose:   'marketing'"),
        ("policy:", "\npolicy:"),
    ],
)
def test_comments_quotes_and_spacing_make_no_new_version(old: str, new: str) -> None:
    assert version(CAMPAIGN.replace(old, new)) == version(CAMPAIGN)


def test_another_duration_makes_a_new_version() -> None:
    assert version(CAMPAIGN.replace("wait: 3d", "wait: 4d")) != version(CAMPAIGN)


# --- the profile that runs --------------------------------------------------------------------------


def test_the_only_profile_runs(folder: Path) -> None:
    assert load(folder, BOTH).the_profile().name == "web-agency"


def test_of_several_profiles_the_settings_choose(folder: Path) -> None:
    compiled = load(folder, BOTH, PROFILE.replace("name: web-agency", "name: other"))
    assert compiled.the_profile("other").name == "other"
    with pytest.raises(CampaignError, match="2 profiles"):
        compiled.the_profile()


def test_a_profile_that_is_not_there_is_an_error(folder: Path) -> None:
    with pytest.raises(CampaignError) as caught:
        load(folder, BOTH).the_profile("web-agancy")
    assert caught.value.hint == "did you mean web-agency?"


# --- nothing escapes --------------------------------------------------------------------------------


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_document_never_ends_in_an_exception(folder: Path, data: st.DataObject) -> None:
    text = BOTH
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 12))
        text = text[:start] + data.draw(st.sampled_from(DAMAGE)) + text[end:]
    load(folder, text)


DAMAGE = [
    "",
    "\n",
    "  ",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "#",
    "&a ",
    "*a",
    "~",
    "5",
    "true",
    "x: y",
    "---\n",
    "\t",
]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_in_place_of_another_is_a_finding_or_fine(folder: Path, data: st.DataObject) -> None:
    lines = BOTH.split("\n")
    keyed = [number for number, line in enumerate(lines) if re.match(r"\s*[a-z_]+:", line)]
    number = data.draw(st.sampled_from(keyed))
    key = lines[number].split(":")[0]
    lines[number] = f"{key}: {data.draw(st.sampled_from(VALUES))}"
    load(folder, "\n".join(lines))


VALUES = [
    "[]",
    "{}",
    "~",
    "5",
    "-1.5",
    "true",
    "text",
    "[[]]",
    "[{}]",
    "{a: b}",
    "[5]",
    "''",
    "{do: {}}",
    "{id: {}}",
    "[{id: []}]",
    "99999999999999999999",
]


def test_a_campaign_of_a_thousand_lines_is_checked_within_two_seconds(folder: Path) -> None:
    steps = "".join(
        f"    - id: fork-{n}\n      choose:\n"
        f'        - {{when: answers.question == "no {n}", do: [{{id: s-{n}, wait: 3d}}]}}\n'
        for n in range(330)
    )
    text = CAMPAIGN.replace("  comparison:\n", steps + "  comparison:\n")
    started = time.process_time()
    assert load(folder, PROFILE, text).findings == ()
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("several", "code"),
    [
        ("people: 3", "N219"),
        ("within: 7d", "N219"),
        ("people: 1, within: 7d", "N207"),
        ("people: 3, within: x", "N201"),
    ],
)
def test_a_rule_about_several_people_says_how_many_and_within_how_long(
    folder: Path, several: str, code: str
) -> None:
    rule = f"signals: [{{on: visited, points: 5, {several}}}]"
    assert code in found(folder, f"kind: profile\nname: p\nfit: {{prospect_at: 60}}\n{rule}\n")
