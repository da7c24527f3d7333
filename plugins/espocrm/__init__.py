"""EspoCRM, a free CRM with an open REST API: hand-overs become records and tasks, closed deals come back.

    [plugin.espocrm]
    url = "https://crm.example.com"
    api_key = "…"               # better: NURTURE_PLUGIN__ESPOCRM__API_KEY

Set up once in EspoCRM (8 and later):

1. *Administration, Entity Manager*: a field `nurtureId` (Varchar) for Lead (or Contact) and for Task. EspoCRM
   puts a `c` before its name (https://docs.espocrm.com/administration/entity-manager): `cNurtureId`.
2. *Administration, API Users*: one with the method *API Key* and a role that may create, read and edit Lead,
   Contact, Account and Task, and read Opportunity (https://docs.espocrm.com/development/api).

| ours | EspoCRM |
|---|---|
| contact | `Lead` (or `Contact` with its `Account`), by `cNurtureId` = `contact-7`, else by `emailAddress` |
| hand-over | `Task` under it, found by `cNurtureId` = `handover-12`; `dateEnd` is the deadline |
| reminder, escalation | the task's `priority`: High, Urgent |
| new assignee | `assignedUserId` of record and task, by `users` |
| erased | the task asks to erase the record, or both are deleted (`on_erasure`) |
| won, lost | `Opportunity` with `stage` Closed Won or Closed Lost: `amount`, `amountCurrency`, `closeDate` |

Which attribute gets what: `PERSON` in `filling.py`, and `[plugin.espocrm.fields]`. What sales has changed in
a record is not overwritten.
"""

from __future__ import annotations

from nurture import HandoverChannel, OutcomeSource, PluginConfig, hookimpl

from .deals import EspoDeals
from .handing import EspoChannel
from .options import Options

API_VERSION = 1


@hookimpl
def register_handover_channels(config: PluginConfig) -> list[HandoverChannel]:
    return [EspoChannel(config.options("espocrm", Options))]


@hookimpl
def register_outcome_sources(config: PluginConfig) -> list[OutcomeSource]:
    return [EspoDeals(config.options("espocrm", Options))]
