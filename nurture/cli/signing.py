"""`dkim`: the keys that sign the mails, and what has to stand in DNS for them."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture.cli.common import Json, print_json, say, workspace

dkim = typer.Typer(
    help="Keys that sign the mails, and their DNS records.\n\nExample: nurture dkim new autumn26",
    no_args_is_help=True,
)


@dkim.command("new")
def new(
    context: typer.Context,
    selector: Annotated[str, typer.Argument(help="A name of your choice, such as the year and month.")],
    kind: Annotated[str, typer.Option(metavar="rsa|ed25519", help="What every receiver reads is rsa.")] = (
        "rsa"
    ),
    json: Json = False,
) -> None:
    """Make a key: its file, the DNS record, and the lines for nurture.toml.

    Example: nurture dkim new autumn26 --kind ed25519
    """
    import re

    from nurture.deliver.dkim import new_key
    from nurture.deliver.render import signing_keys
    from nurture.errors import NurtureError
    from nurture.settings import SELECTOR, Dkim, load_settings

    if kind not in ("rsa", "ed25519"):
        raise NurtureError(f"there is no kind of key {kind!r}", hint="write rsa or ed25519")
    if not re.fullmatch(SELECTOR, selector):
        raise NurtureError(
            f"{selector!r} cannot be a selector", hint="write small letters, digits and hyphens: autumn26"
        )
    settings = load_settings(workspace(context))
    name = f"dkim-{selector}.pem"
    path = settings.folder / name
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise NurtureError(f"{path} is there already", hint="choose another selector") from None
    path.write_bytes(new_key(kind))
    mail = settings.mail.model_copy(update={"dkim": (Dkim(selector=selector, file=name),)})
    (key,) = signing_keys(settings.model_copy(update={"mail": mail}))
    if json:
        print_json({"file": name, "dns": {"name": key.dns_name, "type": "TXT", "text": key.dns_record}})
        return
    say(f"wrote {name}: keep it secret, and out of git")
    say(f'\nPut into DNS:\n  {key.dns_name}  TXT  "{key.dns_record}"')
    say(f'\nand when it is there, into nurture.toml:\n  [[mail.dkim]]\n  selector = "{selector}"')
    say(f'  file = "{name}"')


@dkim.command("show")
def show(context: typer.Context, json: Json = False) -> None:
    """Show the keys that sign, with the records that DNS must have.

    Example: nurture dkim show
    """
    from nurture.deliver.render import signing_keys
    from nurture.settings import load_settings

    keys = signing_keys(load_settings(workspace(context)))
    if json:
        told = [{"algorithm": key.algorithm, "name": key.dns_name, "text": key.dns_record} for key in keys]
        print_json(told)
        return
    for key in keys:
        say(f'{key.dns_name}  TXT  "{key.dns_record}"')
    if not keys:
        say("mails are not signed; make a key with: nurture dkim new SELECTOR")
