"""The settings `[web]`, `[api.NAME]` and `[tracking]`: where the public pages are, which programs may ask,
and what is noted of visitors.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nurture.setting_kinds import Section


class Web(Section):
    """`base_url` is what stands in mails: how the world reaches the public pages. `proxies` are the network
    addresses of your own proxies in front of them: what these say of whom they speak for is believed.

    `public_hosts`: the names (`["mail.example.com"]`) under which the public pages are answered; empty: any.
    `sales_url` is how sales reaches the answers to hand-overs, if not at `base_url`.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8025, ge=0, le=65535)
    base_url: str = "http://127.0.0.1:8025"
    proxies: tuple[str, ...] = ()
    public_hosts: tuple[str, ...] = ()
    sales_url: str = ""


class ApiAccess(Section):
    """`[api.NAME]`: a program that may use the API of the sales desk. `nurture sales token` makes its token.

    `token_sha256` is the SHA-256 of the token, in hexadecimal digits: the token itself stands nowhere.
    `teams`: whose hand-overs it may see and answer; empty: everybody's.
    """

    token_sha256: str = Field(pattern="^[0-9a-fA-F]{64}$")
    teams: tuple[str, ...] = ()


class Tracking(Section):
    """`consent`: whether opens and clicks are noted of those alone who agreed to it (`required`), or of all
    who have not refused (`assumed`). The purpose is called `tracking`.

    `honeypot` puts a link into each tracked mail that no person can see: who follows it is a scanner.
    `keep_addresses` stores network addresses as they are beside their keyed hashes. `sites` are the firm's
    own websites (`["https://www.example.com"]`): links to them carry who came, for the beacon.
    """

    consent: Literal["required", "assumed"] = "assumed"
    honeypot: bool = True
    keep_addresses: bool = False
    sites: tuple[str, ...] = ()
