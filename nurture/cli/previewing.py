"""`preview`: how a mail would look, on the terminal, as a file, or in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, note, opened, print_json, say

if TYPE_CHECKING:
    from nurture.app import App
    from nurture.proofs import Proof


def preview(
    context: typer.Context,
    template: Annotated[
        str, typer.Argument(metavar="[TEMPLATE]", help="As campaigns name it: orientation/welcome.")
    ] = "",
    contact: Annotated[
        str,
        typer.Option(
            metavar="WHO",
            help="An id, e-mail address, telephone number or name; made-up: somebody of whom all is known; "
            "hardly-known: somebody with an address only.",
        ),
    ] = "made-up",
    locale: Annotated[str, typer.Option(help="The language; without it the contact's own.")] = "",
    stage: Annotated[str, typer.Option(help="As if they were in this stage.")] = "",
    html: Annotated[
        str, typer.Option(metavar="FILE", help="Write the HTML there; - for standard output.")
    ] = "",
    text: Annotated[bool, typer.Option("--text", help="Print the text part and nothing else.")] = False,
    serve: Annotated[
        bool, typer.Option("--serve", help="Show all templates in the browser, on this machine only.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="With --serve.")] = 8026,
    json: Json = False,
) -> None:
    """Show a mail as somebody would get it, with what `nurture check` finds in it. Nothing is sent.

    Example: nurture preview orientation/welcome --contact made-up --html welcome.html
    """
    with opened(context) as app:
        if serve:
            _serve(app, port)
            return
        if not template:
            raise typer.BadParameter("name a template, or say --serve", param_hint="TEMPLATE")
        proof = _proof(app, template, locale, contact, stage)
        assert proof.mail is not None
        if json:
            print_json(
                {"template": template, **asdict(proof.mail), "findings": list(map(asdict, proof.findings))}
            )
        elif html == "-":
            say(proof.mail.html)
        elif text:
            say(proof.mail.text)
        else:
            for line in _lines(proof):
                say(line)
        if html and html != "-":
            Path(html).write_text(proof.mail.html, encoding="utf-8")
            note(f"wrote {html}")


def _proof(app: App, template: str, locale: str, contact: str, stage: str) -> Proof:
    from nurture.errors import TemplateError
    from nurture.proofs import Proofs

    proof = Proofs(app).proof(template, locale, contact, stage)
    if proof.mail is None:
        raise TemplateError(proof.problem, hint=proof.hint)
    return proof


def _lines(proof: Proof) -> Iterator[str]:
    mail = proof.mail
    assert mail is not None
    for name, value in mail.headers:
        yield f"{name}: {value}"
    if mail.html:
        yield f"Preheader: {mail.preheader}"
        yield f"HTML: {mail.octets / 1024:.1f} KB with tracked links (Gmail shows 102)"
    yield ""
    yield mail.text.rstrip()
    for finding in proof.findings:
        yield ""
        place = f"{finding.file}:{finding.line}:{finding.column}"
        yield f"{place}: {finding.severity} {finding.code} {finding.message}"
        if finding.hint:
            yield f"    hint: {finding.hint}"


def _serve(app: App, port: int) -> None:
    from nurture.cli.running import stopping
    from nurture.proofs import Proofs
    from nurture.web.preview import preview_app
    from nurture.web.server import serve

    host = "127.0.0.1"
    with stopping() as stop:
        site = preview_app(Proofs(app), port)
        serve(
            site, host, port, stop, on_ready=lambda: note(f"preview: http://{host}:{port} (Ctrl-C ends it)")
        )
