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
from nurture.handover.render import answer_urls, answer_words, dossier_sections, render_dossier
from nurture.handover.render import as_json as dossier_json
from nurture.handover.telling import notice_json, notice_reasons, notice_subject, render_notice
from nurture.plug.contracts import (
    Action,
    Enricher,
    Enrichment,
    Errand,
    FeedbackHook,
    HandoverChannel,
    NoticeOutcome,
    OutcomeHook,
    OutcomePage,
    OutcomeSource,
    Payload,
    PluginConfig,
    RemoteEnricher,
    Rule,
    Source,
    Ticket,
    Transport,
    Unanswered,
)
from nurture.plug.files import drop_file, safe_name
from nurture.plug.hookspecs import hookimpl
from nurture.plug.mailparts import MailParts, mail_parts
from nurture.plug.spreadsheets import as_csv
from nurture.plug.tables import table_records

if TYPE_CHECKING:
    from nurture.plug.mailserver import MailServer, notice_head, one_line, send_mail
    from nurture.plug.over_http import HttpTransport, Meaning, meaning_of, post_notice
    from nurture.plug.posted import UtcTime, parse_json
    from nurture.plug.teamrooms import SecretAddress, TeamRooms
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
    "MailServer",
    "Meaning",
    "Notice",
    "NoticeKind",
    "NoticeOutcome",
    "NurtureError",
    "OutboundMail",
    "Outcome",
    "OutcomeHook",
    "OutcomePage",
    "OutcomeSource",
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
    "SecretAddress",
    "SetField",
    "SettingsError",
    "Severity",
    "Signal",
    "Source",
    "SourceError",
    "Stage",
    "TeamRooms",
    "Ticket",
    "ToldOutcome",
    "Transport",
    "TransportError",
    "Unanswered",
    "Unreadable",
    "UtcTime",
    "Value",
    "WebAddress",
    "answer_urls",
    "answer_words",
    "as_csv",
    "check_web_address",
    "domain_of",
    "dossier_json",
    "dossier_sections",
    "drop_file",
    "hookimpl",
    "is_business_domain",
    "is_free_mail",
    "is_role_address",
    "mail_parts",
    "meaning_of",
    "notice_head",
    "notice_json",
    "notice_reasons",
    "notice_subject",
    "one_line",
    "parse_json",
    "post_notice",
    "render_dossier",
    "render_notice",
    "safe_name",
    "send_mail",
    "table_records",
]


_WHEN_ASKED_FOR = {
    **dict.fromkeys(("MailServer", "notice_head", "one_line", "send_mail"), "nurture.plug.mailserver"),
    **dict.fromkeys(("HttpTransport", "Meaning", "meaning_of", "post_notice"), "nurture.plug.over_http"),
    **dict.fromkeys(("UtcTime", "parse_json"), "nurture.plug.posted"),
    **dict.fromkeys(("SecretAddress", "TeamRooms"), "nurture.plug.teamrooms"),
    **dict.fromkeys(("WebAddress", "check_web_address"), "nurture.plug.webaddress"),
}
"""What stands on pydantic or httpx, which take long to import: only plugins that use it pay for that."""


def __getattr__(name: str) -> object:
    if name in _WHEN_ASKED_FOR:
        return getattr(import_module(_WHEN_ASKED_FOR[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
