"""Looks beyond one document: at what the workspace has, and at what can never happen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date

from nurture.core.campaign import Campaign, SendStep
from nurture.core.channels import Channel, channel_of
from nurture.core.expression import And, Comparison, History, Literal, Name, Node, walk
from nurture.core.model import Account, Lifecycle, Stage
from nurture.core.profile import Profile
from nurture.language import codes
from nurture.language import mailcodes as mailcodes  # with it the catalogue is full
from nurture.language import textcodes as textcodes
from nurture.language.deeds import check_deeds
from nurture.language.documents import Draft
from nurture.language.foresight import NO_TEAM
from nurture.language.lint_channels import check_channels
from nurture.language.lint_conditions import (
    check_branches,
    check_paths,
    check_promotion,
    check_rules,
    check_truth,
    domains_of,
)
from nurture.language.lint_forms import check_forms
from nurture.language.lint_links import check_links
from nurture.language.lint_pace import check_pace
from nurture.language.lint_scores import check_scores, most_engagement
from nurture.language.lint_steps import check_steps
from nurture.language.lint_together import check_together
from nurture.language.mentions import Known, is_locale, is_time_zone, look_up
from nurture.language.names import close_to, did_you_mean
from nurture.language.reading import inside
from nurture.language.yamlio import Scalar


def lint(drafts: Iterable[Draft], known: Known, today: date | None = None) -> None:
    """Adds findings on all documents of a workspace, each to its own file's report."""
    drafts = list(drafts)
    profiles = {draft.name: draft.value for draft in drafts if isinstance(draft.value, Profile)}
    for draft in drafts:
        for mention in draft.reader.mentions:
            look_up(draft, mention, known, profiles)
        _check_conditions(draft)
        check_deeds(draft, known.actions, known.teams)
        if isinstance(draft.value, Profile):
            _check_reach(draft, draft.value)
        _foresee(draft, profiles, today)
        if isinstance(draft.value, Profile):
            check_promotion(draft, draft.value)
            check_scores(draft, draft.value)
        elif isinstance(draft.value, Campaign):
            if is_locale(draft.value.locale):
                _check_locales(draft, draft.value, known)
            check_links(draft, draft.value, known)
            check_channels(draft, known)
            _check_campaign(draft, draft.value, profiles.get(draft.value.profile))
    _check_names(drafts)
    check_together(drafts, known.purposes)
    check_forms(drafts)


def _foresee(draft: Draft, profiles: Mapping[str, Profile], today: date | None) -> None:
    """What can never or always happen in one document."""
    campaign = draft.value if isinstance(draft.value, Campaign) else None
    domains = domains_of(profiles.get(campaign.profile) if campaign else None)
    check_truth(draft, domains)
    check_paths(draft)
    if isinstance(draft.value, Profile):
        check_rules(draft, draft.value)
    if campaign is not None:
        check_branches(draft, campaign, domains)
        check_steps(draft, campaign, domains)
        if is_time_zone(campaign.timezone):
            check_pace(draft, campaign, today)


# --- conditions -------------------------------------------------------------------------------------

_OF_STEPS = ("sent", "opened", "clicked", "replied")
_VALUES: Mapping[tuple[str, ...], frozenset[str]] = {
    ("stage",): frozenset(Stage),
    ("lifecycle",): frozenset(Lifecycle),
}
_ACCOUNT_FIELDS = frozenset(each.name for each in fields(Account))


def _check_conditions(draft: Draft) -> None:
    for condition, node in draft.reader.conditions:
        for part in walk(condition.root):
            if isinstance(part, History) and part.kind in _OF_STEPS and part.what is not None:
                _check_step(draft, part, node)
            elif isinstance(part, Comparison):
                _check_values(draft, part, node)
            elif isinstance(part, Name) and part.path[0] == "account" and part.path[1] not in _ACCOUNT_FIELDS:
                _check_fact(draft, part, node)


def _check_step(draft: Draft, history: History, node: Scalar) -> None:
    report, step, place = draft.reader.report, history.what or "", inside(node, history.column)
    if draft.graph is None:
        report.add(
            codes.NO_STEPS_HERE,
            place,
            f"{history.kind}({step!r}) asks for a step, and a profile has none",
            f"write {history.kind}()",
        )
    elif step not in draft.graph.places:
        hint = did_you_mean(step, draft.graph.places)
        report.add(codes.UNKNOWN_STEP, place, f"{history.kind}(): there is no step {step}", hint)
    elif step in draft.graph.steps and not isinstance(draft.graph.steps[step], SendStep):
        mails = [each.id for each in draft.graph.steps.values() if isinstance(each, SendStep)]
        report.add(
            codes.UNKNOWN_STEP, place, f"{history.kind}(): {step} sends no mail", did_you_mean(step, mails)
        )


def _check_values(draft: Draft, comparison: Comparison, node: Scalar) -> None:
    for left, _, right in comparison.pairs():
        for name, other in ((left, right), (right, left)):
            if not (isinstance(name, Name) and isinstance(other, Literal) and name.path in _VALUES):
                continue
            possible = _VALUES[name.path]
            values = other.value if isinstance(other.value, tuple) else (other.value,)
            for value in values:
                if value not in possible:
                    draft.reader.report.add(
                        codes.IMPOSSIBLE_VALUE,
                        inside(node, name.column),
                        f"{name.path[0]} is never {value!r}",
                        did_you_mean(str(value), possible),
                    )


def _check_fact(draft: Draft, name: Name, node: Scalar) -> None:
    close = close_to(name.path[1], _ACCOUNT_FIELDS)
    if close:
        draft.reader.report.add(
            codes.LIKELY_MISSPELT,
            inside(node, name.column),
            f"account.{name.path[1]} is unusual",
            f"did you mean account.{close}?",
        )


# --- what can never happen --------------------------------------------------------------------------


def _check_reach(draft: Draft, profile: Profile) -> None:
    """More fit than all rules give together, or more engagement than signals, with their caps, can give."""
    most_fit = sum(rule.points for rule in profile.fit_rules if rule.points > 0)
    report = draft.reader.report
    if most_fit < profile.prospect_at:
        report.add(
            codes.UNREACHABLE,
            draft.place_of("fit"),
            f"prospect_at is {profile.prospect_at}, and all rules together give {most_fit}",
            "lower it, or give the rules more points",
        )
    if profile.promote is None:
        return
    for name, least in _least(profile.promote.root):
        most = most_fit if name == "fit" else most_engagement(profile)
        if most < least:
            report.add(
                codes.UNREACHABLE,
                draft.place_of("promote"),
                f"promote asks for {name} {least:g}, and all rules together give {most:g}",
                "lower it, or give the rules more points",
            )


def _least(root: Node) -> Iterator[tuple[str, float]]:
    """The least `fit` and `engagement` that the parts of an `and` ask for."""
    for part in root.operands if isinstance(root, And) else (root,):
        match part:
            case Comparison(
                Name((("fit" | "engagement") as name,)), ((">=" | ">", Literal(int() | float() as least)),)
            ):
                yield name, least
            case _:
                pass


def _check_campaign(draft: Draft, campaign: Campaign, profile: Profile | None) -> None:
    report = draft.reader.report
    if campaign.handover is None and not any(f.code == NO_TEAM.code for f in report.findings):
        report.add(
            codes.NEVER_HANDED_OVER,
            draft.place_of("name"),
            "this campaign has no handover",
            "add handover: {team: …}",
        )
    if profile is None:
        return
    shown = {rule.stage for rule in profile.signals}
    for stage in (Stage.COMPARISON, Stage.DECISION):
        if campaign.tracks.get(stage) is not None and stage not in shown:
            report.add(
                codes.STAGE_WITHOUT_SIGNALS,
                draft.place_of("stages"),
                f"no signal rule of {profile.name} leads to the stage {stage}",
                f"add a signal with stage: {stage}",
            )


def _check_locales(draft: Draft, campaign: Campaign, known: Known) -> None:
    """The campaign's own locale must be there; others should be there for all templates or for none."""
    used = [mention for mention in draft.reader.mentions if mention.kind == "template"]
    there = [mention for mention in used if mention.name in known.templates]
    others = frozenset().union(*(known.templates[mention.name] for mention in there)) - {campaign.locale}
    for mention in there:
        locales = known.templates[mention.name]
        if campaign.locale not in locales:
            draft.reader.report.add(
                codes.TEMPLATE_LOCALE,
                mention.place,
                f"the template {mention.name} has no variant in {campaign.locale}",
                f"add templates/{campaign.locale}/{_files_of(mention.name)}",
            )
        for locale in sorted(others - locales):
            draft.reader.report.add(
                codes.SOME_LOCALES,
                mention.place,
                f"the template {mention.name} has no variant in {locale}, as others here have",
                f"add templates/{locale}/{_files_of(mention.name)}",
            )


def _files_of(template: str) -> str:
    return f"{template}.txt" if channel_of(template) is Channel.SMS else f"{template}.html and .txt"


# --- documents beside each other --------------------------------------------------------------------


def _check_names(drafts: list[Draft]) -> None:
    seen: dict[tuple[str, str], Draft] = {}
    for draft in drafts:
        if not draft.name:
            continue
        first = seen.setdefault((draft.kind, draft.name), draft)
        if first is not draft:
            draft.reader.report.add(
                codes.DUPLICATE_NAME,
                draft.place_of("name"),
                f"there is another {draft.kind} named {draft.name}, in {first.text.file}",
                "give it another name",
            )
    profiles = [draft for (kind, _), draft in seen.items() if kind == "profile"]
    for draft in profiles[1:]:
        draft.reader.report.add(
            codes.SEVERAL_PROFILES,
            draft.place_of("name"),
            f"there are {len(profiles)} profiles; one of them runs",
            'say which one in nurture.toml: profile = "…"',
        )
