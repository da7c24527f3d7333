"""What became of a campaign's tests: for the terminal, as JSON, and as JUnit XML for CI systems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree import ElementTree


@dataclass(frozen=True, slots=True)
class Verdict:
    """One test: where it stands, whether it held, what differed, and the timeline that came out.

    `seconds` is how long it took to run.
    """

    campaign: str
    name: str
    file: str
    line: int
    problems: tuple[str, ...]
    timeline: tuple[str, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.problems


def summary(verdicts: Sequence[Verdict]) -> str:
    """The last line: `3 passed, 1 failed in 0.1 s`."""
    failed = sum(not verdict.passed for verdict in verdicts)
    counts = f"{len(verdicts) - failed} passed, {failed} failed"
    return f"{counts} in {sum(verdict.seconds for verdict in verdicts):.1f} s"


def report_lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """A line a test under its campaign; of a failed one what differed, and its timeline."""
    campaign = None
    for verdict in verdicts:
        if verdict.campaign != campaign:
            campaign = verdict.campaign
            yield campaign
        yield f"  {'ok    ' if verdict.passed else 'FAILED'}  {verdict.name}"
        if not verdict.passed:
            yield from _details(verdict)
    yield summary(verdicts)


def _details(verdict: Verdict) -> Iterator[str]:
    yield f"          {verdict.file}:{verdict.line}"
    yield from (f"          - {problem}" for problem in verdict.problems)
    yield "          what happened:"
    yield from (f"            {line}" for line in verdict.timeline or ("nothing",))


def to_json(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """`{"passed", "failed", "tests": [{"campaign", "name", "file", "line", "passed", "problems", …}]}`."""
    failed = sum(not verdict.passed for verdict in verdicts)
    tests = [asdict(verdict) | {"passed": verdict.passed} for verdict in verdicts]
    return {"passed": len(verdicts) - failed, "failed": failed, "tests": tests}


def junit_xml(verdicts: Sequence[Verdict]) -> str:
    """The report that CI systems read: one suite a campaign (https://github.com/testmoapp/junitxml)."""
    root = ElementTree.Element("testsuites", _counts(verdicts))
    for campaign in dict.fromkeys(verdict.campaign for verdict in verdicts):
        own = [verdict for verdict in verdicts if verdict.campaign == campaign]
        suite = ElementTree.SubElement(root, "testsuite", {"name": campaign, **_counts(own)})
        for verdict in own:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                name=_printable(verdict.name),
                classname=campaign,
                file=verdict.file,
                line=str(verdict.line),
                time=f"{verdict.seconds:.3f}",
            )
            if not verdict.passed:
                failure = ElementTree.SubElement(case, "failure", message=_printable(verdict.problems[0]))
                failure.text = _printable("\n".join([*verdict.problems, "", *verdict.timeline]))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(verdicts: Sequence[Verdict]) -> dict[str, str]:
    return {
        "tests": str(len(verdicts)),
        "failures": str(sum(not verdict.passed for verdict in verdicts)),
        "time": f"{sum(verdict.seconds for verdict in verdicts):.3f}",
    }


def _printable(text: str) -> str:
    """XML knows no control characters but tab and line ends (XML 1.0, section 2.2)."""
    return "".join(character for character in text if character.isprintable() or character in "\t\n")
