"""Nurture, the lead-nurturing engine: what plugins import. Everything else may change between versions."""

from importlib import import_module
from typing import TYPE_CHECKING

from nurture.core.addresses import domain_of, is_business_domain, is_free_mail, is_role_address
from nurture.core.feedback import Feedback, FeedbackKind, Severity
from nurture.core.model import (
    Account,
    AddTag,
    AddTo,
    Change,
    Contact,
    DecisionRecord,
    Delivery,
    DeliveryState,
    Dossier,
    ImportedSignal,
    Lead,
    Lifecycle,
    Notice,
    NoticeKind,
    OutboundMail,
    Outcome,
    Record,
    RemoveFrom,
    RemoveTag,
    Result,
    SalesPerson,
    SetField,
    Signal,
    Stage,
    Unreadable,
    Value,
)
from nurture.core.outcomes import ToldOutcome
from nurture.errors import (
    FeedbackDelayed,
    FeedbackError,
    NurtureError,
    PluginError,
    SettingsError,
    SourceError,
    TransportError,
)
from nurture.handover.render import as_json as dossier_json
from nurture.handover.render import render_dossier
from nurture.handover.telling import notice_json, notice_subject, render_notice
from nurture.plug.contracts import (
    Action,
    Enricher,
    Enrichment,
    Errand,
    FeedbackHook,
    HandoverChannel,
    NoticeOutcome,
    OutcomeHook,
    Payload,
    PluginConfig,
    RemoteEnricher,
    Rule,
    Source,
    Ticket,
    Transport,
    Unanswered,
)
from nurture.plug.hookspecs import hookimpl
from nurture.plug.mailparts import MailParts, mail_parts
from nurture.plug.tables import table_records

if TYPE_CHECKING:
    from nurture.plug.over_http import HttpTransport, Meaning, meaning_of
    from nurture.plug.posted import UtcTime, parse_json
    from nurture.plug.webaddress import WebAddress, check_web_address

API_VERSION = 1
"""A plugin states the version it was written for as its own `API_VERSION`; another number stops the start."""

__version__ = "0.1.0"

__all__ = [
    "API_VERSION",
    "Account",
    "Action",
    "AddTag",
    "AddTo",
    "Change",
    "Contact",
    "DecisionRecord",
    "Delivery",
    "DeliveryState",
    "Dossier",
    "Enricher",
    "Enrichment",
    "Errand",
    "Feedback",
    "FeedbackDelayed",
    "FeedbackError",
    "FeedbackHook",
    "FeedbackKind",
    "HandoverChannel",
    "HttpTransport",
    "ImportedSignal",
    "Lead",
    "Lifecycle",
    "MailParts",
    "Meaning",
    "Notice",
    "NoticeKind",
    "NoticeOutcome",
    "NurtureError",
    "OutboundMail",
    "Outcome",
    "OutcomeHook",
    "Payload",
    "PluginConfig",
    "PluginError",
    "Record",
    "RemoteEnricher",
    "RemoveFrom",
    "RemoveTag",
    "Result",
    "Rule",
    "SalesPerson",
    "SetField",
    "SettingsError",
    "Severity",
    "Signal",
    "Source",
    "SourceError",
    "Stage",
    "Ticket",
    "ToldOutcome",
    "Transport",
    "TransportError",
    "Unanswered",
    "Unreadable",
    "UtcTime",
    "Value",
    "WebAddress",
    "check_web_address",
    "domain_of",
    "dossier_json",
    "hookimpl",
    "is_business_domain",
    "is_free_mail",
    "is_role_address",
    "mail_parts",
    "meaning_of",
    "notice_json",
    "notice_subject",
    "parse_json",
    "render_dossier",
    "render_notice",
    "table_records",
]


_WHEN_ASKED_FOR = {
    **dict.fromkeys(("HttpTransport", "Meaning", "meaning_of"), "nurture.plug.over_http"),
    **dict.fromkeys(("UtcTime", "parse_json"), "nurture.plug.posted"),
    **dict.fromkeys(("WebAddress", "check_web_address"), "nurture.plug.webaddress"),
}
"""What stands on pydantic or httpx, which take long to import: only plugins that use it pay for that."""


def __getattr__(name: str) -> object:
    if name in _WHEN_ASKED_FOR:
        return getattr(import_module(_WHEN_ASKED_FOR[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
