"""Notices of Amazon SES that come by mail, over SNS: JSON in the text instead of a delivery status.

The shape is that of https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nurture.deliver.bounces.mail import ReturnedMail

_DECODER = json.JSONDecoder(strict=False)


def read_notification(mail: ReturnedMail) -> None:
    """Puts what a notice in JSON says where a delivery status or a feedback report would have put it."""
    if "notificationType" not in mail.text and "eventType" not in mail.text:
        return
    told = _object_in(mail.text)
    if isinstance(told.get("Message"), str):
        told = _object_in(told["Message"])
    kind = told.get("notificationType") or told.get("eventType")
    sent = _mapping(told, "mail")
    mail.original = mail.original or _headers(sent)
    if kind == "Bounce":
        mail.statuses += [
            _status(each, "failed") for each in _mappings(_mapping(told, "bounce"), "bouncedRecipients")
        ]
    elif kind == "Complaint":
        named = _mappings(_mapping(told, "complaint"), "complainedRecipients")
        mail.report = {
            "feedback-type": "abuse",
            "original-rcpt-to": ", ".join(_text(each, "emailAddress") for each in named),
        }
    elif kind == "Delivery":
        arrived = _mapping(told, "delivery").get("recipients")
        for address in arrived if isinstance(arrived, list) else []:
            mail.statuses.append(_status({"emailAddress": str(address), "status": "2.0.0"}, "delivered"))


def _status(recipient: Mapping[str, Any], action: str) -> dict[str, str]:
    return {
        "final-recipient": f"rfc822; {_text(recipient, 'emailAddress')}",
        "action": _text(recipient, "action") or action,
        "status": _text(recipient, "status"),
        "diagnostic-code": _text(recipient, "diagnosticCode"),
    }


def _headers(sent: Mapping[str, Any]) -> dict[str, str]:
    return {
        _text(each, "name").lower(): _text(each, "value")
        for each in _mappings(sent, "headers")
        if _text(each, "name")
    }


def _object_in(text: str) -> Mapping[str, Any]:
    """The first JSON object in a text; some programs break its lines, which are not part of it."""
    start = text.find("{")
    for candidate in (text, text.replace("\n", "").replace("\r", "")) if start >= 0 else ():
        try:
            found = _DECODER.raw_decode(candidate, candidate.find("{"))[0]
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return {}


def _mapping(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def _mappings(of: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = of.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(of: Mapping[str, Any], name: str) -> str:
    value = of.get(name)
    return value if isinstance(value, str) else ""
