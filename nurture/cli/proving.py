"""`test`: what the campaigns promise, tried on one made-up person after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture.cli.common import FOUND_PROBLEMS, Json, opened, print_json, say, workspace


def run_tests(
    context: typer.Context,
    campaigns: Annotated[list[str] | None, typer.Argument(help="Only these campaigns.")] = None,
    junit: Annotated[
        Path | None, typer.Option(help="Also write the report as JUnit XML to this file.")
    ] = None,
    json: Json = False,
) -> None:
    """Run the tests of the campaigns: those under `tests:` and those in tests/*.yaml.

    Example: nurture test new-website --junit report.xml
    """
    from nurture.language.render import render_findings
    from nurture.simulate.casebook import collect_cases, run_case
    from nurture.simulate.verdicts import junit_xml, report_lines, to_json

    with opened(context) as app:
        compiled = app.documents()
        collected = collect_cases(app, compiled, campaigns or ())
        errors = [each for each in (*compiled.errors, *collected.findings) if each.severity == "error"]
        if errors:
            say(render_findings(errors, workspace(context)))
            say(f"{len(errors)} error(s): the tests are not run")
            raise typer.Exit(FOUND_PROBLEMS)
        plan = app.draft_plan(compiled)
        verdicts = [run_case(filed, plan) for filed in collected.cases]
    if junit is not None:
        junit.write_text(junit_xml(verdicts), encoding="utf-8")
    if json:
        print_json(to_json(verdicts))
    elif not verdicts:
        say("there are no tests: write some under tests: in a campaign, or in tests/*.yaml")
    else:
        for line in report_lines(verdicts):
            say(line)
    if not all(verdict.passed for verdict in verdicts):
        raise typer.Exit(FOUND_PROBLEMS)
