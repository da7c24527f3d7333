"""From the settings to the ways out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nurture.core.channels import Channel
from nurture.core.throttle import Limits, PausePolicy, WarmUp
from nurture.deliver.relays import Relay, Relays
from nurture.errors import SettingsError, did_you_mean
from nurture.plug.contracts import Transport, transport_channel
from nurture.settings import Mail, RelaySettings, Sms


def relays_of(mail: Mail, transports: Mapping[str, Transport], observe: Callable[[str, str], None]) -> Relays:
    """The relays that `[mail]` names. Raised when a transport is not loaded: SettingsError."""
    named = mail.relays or {mail.transport: RelaySettings(transport=mail.transport)}
    relays = [
        Relay(name, _transport(name, one.transport, mail, transports), one.weight, _limits(one))
        for name, one in named.items()
    ]
    domains = {
        name: Limits(one.per_day, one.per_minute, at_once=one.at_once) for name, one in mail.domains.items()
    }
    return Relays(relays, domains, PausePolicy(**mail.pause.model_dump()), observe)


def text_relays_of(sms: Sms, transports: Mapping[str, Transport]) -> Relays:
    """The way out of text messages. Raised when `[sms]` names no transport for them: SettingsError."""
    return Relays.only(_for(Channel.SMS, "sms.transport", sms.transport, transports))


def _transport(relay: str, name: str, mail: Mail, transports: Mapping[str, Transport]) -> Transport:
    setting = f"mail.relays.{relay}.transport" if mail.relays else "mail.transport"
    return _for(Channel.MAIL, setting, name, transports)


def _for(channel: Channel, setting: str, name: str, transports: Mapping[str, Transport]) -> Transport:
    there = {each: one for each, one in transports.items() if transport_channel(one) is channel}
    if name in there:
        return there[name]
    raise SettingsError(
        f"{setting}: there is no transport {name!r}{did_you_mean(name, there)}",
        hint="a transport is there when its plugin is in plugins.load",
    )


def _limits(one: RelaySettings) -> Limits:
    warm_up = WarmUp(**one.warm_up.model_dump()) if one.warm_up else None
    return Limits(one.per_day, one.per_minute, warm_up=warm_up)
