"""Conditions that can never hold, always hold, or come too late; and rules that say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nurture.core.campaign import Campaign, ChooseStep
from nurture.core.expression import Comparison, History, Literal, Name, Node, TextTest, walk
from nurture.core.model import Stage
from nurture.core.predicate import Condition
from nurture.core.profile import Profile
from nurture.language import codes, foresight
from nurture.language.documents import Draft
from nurture.language.findings import Place, Spot
from nurture.language.lint_scores import most_engagement
from nurture.language.logic import STANDING, Domain, Domains, always, follows, never
from nurture.language.reading import inside


def check_truth(draft: Draft, domains: Domains) -> None:
    """Conditions that hold for nobody or for everybody. One that is only `true` or `false` is meant so."""
    for condition, node in draft.reader.conditions:
        root = condition.root
        if isinstance(root, Literal) or _told(draft, node):
            continue
        if never(root, domains):
            message = f"this can never hold: {condition.source}"
            draft.reader.report.add(
                foresight.NEVER_HOLDS, inside(node, 1), message, "no contact can match all of its parts"
            )
        elif always(root, domains):
            message = f"this always holds: {condition.source}"
            draft.reader.report.add(
                foresight.ALWAYS_HOLDS,
                inside(node, 1),
                message,
                "leave it out, or write true if all are meant",
            )


def check_branches(draft: Draft, campaign: Campaign, domains: Domains) -> None:
    """Branches of a choose behind one that holds whenever they do."""
    for step in campaign.steps.values():
        if not isinstance(step, ChooseStep):
            continue
        conditions = [branch.when for branch in step.branches if branch.when is not None]
        for number, later in enumerate(conditions):
            earlier = _first_before(later, conditions[:number], domains)
            if earlier is not None:
                draft.reader.report.add(
                    foresight.SHADOWED_BRANCH,
                    place_of(draft, later),
                    f"whoever matches this has matched {earlier.source} above it",
                    "put the narrower condition first",
                )


def _first_before(later: Condition, above: Iterable[Condition], domains: Domains) -> Condition | None:
    if never(later.root, domains):
        return None
    return next((each for each in above if follows(later.root, each.root, domains)), None)


def check_paths(draft: Draft) -> None:
    """`url.path` beside a text, or a page that is asked for, as no path begins."""
    for condition, node in draft.reader.conditions:
        for part in walk(condition.root):
            for name, written in _path_tests(part):
                if written and not written.startswith("/"):
                    draft.reader.report.add(
                        foresight.PATH_WITHOUT_SLASH,
                        inside(node, name.column),
                        f"no path begins as {written!r} does",
                        f'write "/{written}"',
                    )


def _path_tests(part: Node) -> Iterator[tuple[Name | History, str]]:
    """Texts with which a part of a condition says that a path is, or begins with, them."""
    match part:
        case Comparison():
            for left, op, right in part.pairs():
                for name, other in ((left, right), (right, left)):
                    if isinstance(name, Name) and name.path == ("url", "path") and isinstance(other, Literal):
                        is_text_in = op in ("in", "not in") and not isinstance(other.value, tuple)
                        values = other.value if isinstance(other.value, tuple) else (other.value,)
                        for value in values:
                            if isinstance(value, str) and not is_text_in:
                                yield name, value
        case History("visited", str() as value):
            yield part, value
        case TextTest(Name(("url", "path")) as name, "startswith", Literal(str() as value)):
            yield name, value
        case _:
            pass


def check_rules(draft: Draft, profile: Profile) -> None:
    """Fit rules that say the same."""
    for number, rule in enumerate(profile.fit_rules):
        for other in profile.fit_rules[:number]:
            if other.when.root == rule.when.root:
                draft.reader.report.add(
                    foresight.EQUAL_RULES,
                    place_of(draft, rule.when),
                    f"the rule {other.id} has the same condition",
                    "make one rule of them",
                )
                break


def domains_of(profile: Profile | None) -> Domains:
    """What fit, engagement and stage can be by the rules of a profile."""
    if profile is None:
        return STANDING
    points = [rule.points for rule in profile.fit_rules]
    fit = Domain(sum(each for each in points if each < 0), sum(each for each in points if each > 0))
    return {**STANDING, ("fit",): fit, ("engagement",): Domain(high=most_engagement(profile))}


def check_promotion(draft: Draft, profile: Profile) -> None:
    """A promotion that no signal can lead to, though its condition is sound in itself."""
    if profile.promote is None or any(f.code == codes.UNREACHABLE.code for f in draft.reader.report.findings):
        return
    stages = {Stage.ORIENTATION.value, *(rule.stage.value for rule in profile.signals if rule.stage)}
    here = {**domains_of(profile), ("stage",): Domain(values=frozenset(stages))}
    root = profile.promote.root
    if never(root, here) and not never(root):
        draft.reader.report.add(
            codes.UNREACHABLE,
            draft.place_of("promote"),
            "nobody can be promoted: no rules give the points, or no signal leads to the stage",
            f"stages that signals lead to: {', '.join(sorted(stages))}",
        )


def place_of(draft: Draft, condition: Condition) -> Place:
    """Where a condition of the document stands."""
    for each, node in draft.reader.conditions:
        if each is condition:
            return inside(node, 1)
    return Spot(draft.root.node.line, draft.root.node.column)


def _told(draft: Draft, node: Place) -> bool:
    """Whether a finding already says what is wrong with the condition."""
    return any(
        finding.line == node.line and finding.code in (codes.IMPOSSIBLE_VALUE.code, codes.UNREACHABLE.code)
        for finding in draft.reader.report.findings
    )
