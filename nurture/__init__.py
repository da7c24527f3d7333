"""Nurture, the lead-nurturing engine: what plugins import. Everything else may change between versions."""

from nurture.core.addresses import domain_of, is_business_domain, is_free_mail, is_role_address
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
    OutboundMail,
    Record,
    RemoveFrom,
    RemoveTag,
    SalesPerson,
    SetField,
    Signal,
    Stage,
    Unreadable,
    Value,
)
from nurture.errors import NurtureError, PluginError, SettingsError, SourceError, TransportError
from nurture.handover.render import as_json as dossier_json
from nurture.handover.render import render_dossier
from nurture.plug.contracts import (
    Action,
    Enricher,
    Enrichment,
    Errand,
    HandoverChannel,
    NoticeOutcome,
    Payload,
    PluginConfig,
    Rule,
    Source,
    Ticket,
    Transport,
)
from nurture.plug.hookspecs import hookimpl
from nurture.plug.tables import table_records

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
    "HandoverChannel",
    "ImportedSignal",
    "Lead",
    "Lifecycle",
    "NoticeOutcome",
    "NurtureError",
    "OutboundMail",
    "Payload",
    "PluginConfig",
    "PluginError",
    "Record",
    "RemoveFrom",
    "RemoveTag",
    "Rule",
    "SalesPerson",
    "SetField",
    "SettingsError",
    "Signal",
    "Source",
    "SourceError",
    "Stage",
    "Ticket",
    "Transport",
    "TransportError",
    "Unreadable",
    "Value",
    "domain_of",
    "dossier_json",
    "hookimpl",
    "is_business_domain",
    "is_free_mail",
    "is_role_address",
    "render_dossier",
    "table_records",
]
