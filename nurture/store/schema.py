"""Every table, in the order in which a person comes through them: inbox, people, journey, mail, sales.

What changes all the time (scores) is not indexed; the few indexes are each named by the query they serve.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from nurture.store.types import Id, Instant, Json, Moment

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True)


def _contact(**options: Any) -> sa.Column[int]:
    return sa.Column("contact_id", Id, sa.ForeignKey("contact.id", ondelete="CASCADE"), **options)


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, **options)


def _when(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, Instant, **options)


def _json(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, Json, **options)


def _count(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0", **options)


# --- the inbox --------------------------------------------------------------------------------------

imports = sa.Table(
    "import",
    metadata,
    _key(),
    _text("source", nullable=False),
    _text("name", nullable=False),
    _json("mapping"),
    _count("received"),
    _when("started_at", nullable=False),
    _when("read_at"),
)
"""One reading of a file, or one form: which mapping its records are to be understood with.

`received` counts all that was read; what was there already came in with an earlier import.
"""

inbox = sa.Table(
    "inbox",
    metadata,
    _key(),
    sa.Column("import_id", Id, sa.ForeignKey("import.id"), nullable=False),
    _text("source", nullable=False),
    sa.Column("dedupe_key", sa.LargeBinary, nullable=False),
    sa.Column("line", sa.Integer),
    _json("fields"),
    _text("raw"),
    _when("received_at", nullable=False),
    _text("state", nullable=False),
    _text("reason"),
    sa.Column("contact_id", Id),
    _when("sorted_at"),
    _json("origin"),
    sa.UniqueConstraint("source", "dedupe_key"),
)
"""Raw records. `state`: new, unreadable, contact, merged, junk, erased.

Never deleted by the engine: of an erased person the row stays, empty, and so the same record is known when it
comes again. `dedupe_key` is a hash. `origin` is where a form was posted from, kept as proof where what forms
say is confirmed by mail.
"""

sa.Index(
    "ix_inbox_new",
    inbox.c.id,
    sqlite_where=inbox.c.state == "new",
    postgresql_where=inbox.c.state == "new",
)
sa.Index("ix_inbox_import_id", inbox.c.import_id)
sa.Index(
    "ix_inbox_contact_id",
    inbox.c.contact_id,
    sqlite_where=inbox.c.contact_id.is_not(None),
    postgresql_where=inbox.c.contact_id.is_not(None),
)

# --- people -----------------------------------------------------------------------------------------

account = sa.Table(
    "account",
    metadata,
    _key(),
    _text("name"),
    _text("name_key"),
    _text("domain"),
    _text("country"),
    _text("region"),
    _text("sector"),
    sa.Column("employees", sa.Integer),
    _json("facts"),
    _when("created_at", nullable=False),
    _when("updated_at", nullable=False),
    _json("origins"),
)
"""`origins` tells of each field where its value came from and how sure it is: see `core.provenance`."""
sa.Index("uq_account_domain", account.c.domain, unique=True)
sa.Index("ix_account_name_key", account.c.name_key)

account_picture = sa.Table(
    "account_picture",
    metadata,
    sa.Column(
        "account_id",
        Id,
        sa.ForeignKey("account.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    _text("rule", primary_key=True),
    sa.Column("signal_id", Id, nullable=False),
    _when("seen_at", nullable=False),
)
"""Which rules about several people an account was last seen to complete, and by which signal.

By it everybody of the firm is woken once when that changes; what counts is reckoned anew each time.
"""

former_account = sa.Table(
    "former_account",
    metadata,
    # Not drawn by the database: the id that it had as an account, and has again when it is unmerged.
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("account_id", Id, sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    _text("name"),
    _text("name_key"),
    _text("domain"),
    _text("matched_by", nullable=False),
    sa.Column("score", sa.Float),
    _json("reasons", nullable=False),
    _json("kept", nullable=False),
    _when("at", nullable=False),
)
"""Accounts that were merged into another one, `account_id`: why, and in `kept` all that it takes to undo it.

By `domain` and `name_key` people are still found to work there.
"""
sa.Index("ix_former_account_account_id", former_account.c.account_id)
sa.Index("ix_former_account_domain", former_account.c.domain)
sa.Index("ix_former_account_name_key", former_account.c.name_key)

account_key = sa.Table(
    "account_key",
    metadata,
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column(
        "account_id",
        Id,
        sa.ForeignKey("account.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
)
"""By what accounts are looked up that may be one company: hashes of name and domain."""
sa.Index("ix_account_key_account_id", account_key.c.account_id)

account_review = sa.Table(
    "account_review",
    metadata,
    _key(),
    sa.Column("account_id", Id, sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    sa.Column("other_id", Id, sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    _json("reasons", nullable=False),
    _text("state", nullable=False),
    _when("at", nullable=False),
    _when("decided_at"),
    _text("decided_by"),
    sa.UniqueConstraint("account_id", "other_id"),
)
"""Pairs of accounts that may be one company, the older one first. `state`: open, or apart."""
sa.Index("ix_account_review_other_id", account_review.c.other_id)

contact = sa.Table(
    "contact",
    metadata,
    _key(),
    sa.Column("account_id", Id, sa.ForeignKey("account.id")),
    _text("email"),
    _text("phone"),
    _text("name"),
    _text("first_name"),
    _text("last_name"),
    _text("company"),
    _text("job_title"),
    _text("website"),
    _text("city"),
    _text("country"),
    _text("locale"),
    _text("timezone"),
    _text("source"),
    _json("interests"),
    _json("answers"),
    _json("tags"),
    _json("problems"),
    _text("junk_reason"),
    _when("created_at", nullable=False),
    _when("updated_at", nullable=False),
    _json("origins"),
)
"""Who they are: written by sorting. Where they stand is in `journey`. `origins` as of an account."""
sa.Index("ix_contact_account_id", contact.c.account_id)

identity = sa.Table(
    "identity",
    metadata,
    _text("kind", primary_key=True),
    _text("value", primary_key=True),
    _contact(nullable=False),
)
"""By what a person is recognised: kind is `email`, `phone` or `external:SYSTEM`; value is normalised."""
sa.Index("ix_identity_contact_id", identity.c.contact_id)

merge = sa.Table(
    "merge",
    metadata,
    _key(),
    _contact(nullable=False),
    sa.Column("inbox_id", Id, nullable=False),
    _text("matched_by", nullable=False),
    _json("changes", nullable=False),
    _when("at", nullable=False),
)
"""Every merge: `changes` is field → [before, after]."""
sa.Index("ix_merge_contact_id", merge.c.contact_id)

former_contact = sa.Table(
    "former_contact",
    metadata,
    # Not drawn by the database: the id that it had as a contact, and has again when it is unmerged.
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    _contact(nullable=False),
    _text("matched_by", nullable=False),
    sa.Column("score", sa.Float),
    _json("reasons", nullable=False),
    _json("kept", nullable=False),
    _when("at", nullable=False),
)
"""Contacts that were merged into another one, `contact_id`: why, and in `kept` all that it takes to undo it.

Written and read by `merging` and `unmerging` alone. `id` is the contact's own, which links in mails name.
"""
sa.Index("ix_former_contact_contact_id", former_contact.c.contact_id)

match_key = sa.Table(
    "match_key",
    metadata,
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    # No foreign key: it would cost an import more than all else about these rows; `erasure` removes them.
    sa.Column("contact_id", Id, primary_key=True, autoincrement=False),
)
"""By what people are looked up who may be the same: hashes of mailbox, number, and of name with company."""
sa.Index("ix_match_key_contact_id", match_key.c.contact_id)

review = sa.Table(
    "review",
    metadata,
    _key(),
    _contact(nullable=False),
    sa.Column("other_id", Id, sa.ForeignKey("contact.id", ondelete="CASCADE"), nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    _json("reasons", nullable=False),
    _text("state", nullable=False),
    _when("at", nullable=False),
    _when("decided_at"),
    _text("decided_by"),
    sa.UniqueConstraint("contact_id", "other_id"),
)
"""Pairs of contacts that may be one person, the older one first. `state`: open, or apart, which stays so."""
sa.Index("ix_review_other_id", review.c.other_id)

consent = sa.Table(
    "consent",
    metadata,
    _contact(primary_key=True),
    _text("purpose", primary_key=True),
    sa.Column("granted", sa.Boolean, nullable=False),
    _text("basis", nullable=False),
    _text("evidence"),
    _when("at", nullable=False),
    _json("proof"),
)
"""What holds now, per purpose; `evidence` says where it came from (form, import and line, one-click).

`proof` is what can be shown of it: the words that they saw, page, network address, browser, by moment.
"""

former_consent = sa.Table(
    "former_consent",
    metadata,
    _key(),
    _contact(nullable=False),
    _text("purpose", nullable=False),
    sa.Column("granted", sa.Boolean, nullable=False),
    _text("basis", nullable=False),
    _text("evidence"),
    _when("at", nullable=False),
    _json("proof"),
)
"""What held before, per purpose: every statement that a later one has replaced."""
sa.Index("ix_former_consent_contact_id", former_consent.c.contact_id)

preference = sa.Table(
    "preference",
    metadata,
    _contact(primary_key=True, autoincrement=False),
    sa.Column("days_apart", sa.Integer),
    _when("paused_until"),
    _when("at", nullable=False),
)
"""How often somebody wants mail: no two within `days_apart` (null: as it comes), none in a pause.

Each change is a signal as well (`preferences`), which stays.
"""

opt_in = sa.Table(
    "opt_in",
    metadata,
    _key(),
    _contact(nullable=False),
    _text("purpose", nullable=False),
    _text("evidence", nullable=False),
    _json("proof"),
    _when("asked_at", nullable=False),
    _when("expires_at", nullable=False),
    _when("confirmed_at"),
)
"""What a form said and a mail asks to confirm: no consent until `confirmed_at`, and never after
`expires_at`. `proof` is what can be shown of the form: the words, page, network address, browser."""
sa.Index("ix_opt_in_contact_id", opt_in.c.contact_id)

suppression = sa.Table(
    "suppression",
    metadata,
    sa.Column("address_hash", sa.LargeBinary, primary_key=True),
    _text("reason", nullable=False),
    _when("at", nullable=False),
)
"""Addresses that never get mail again, as keyed hashes, so that the list outlives an erasure."""

signal = sa.Table(
    "signal",
    metadata,
    _key(),
    _contact(nullable=False),
    _text("kind", nullable=False),
    _when("at", nullable=False),
    _when("received_at", nullable=False),
    _json("data", nullable=False),
    _text("classed", nullable=False),
    _text("why_classed"),
    sa.Column("dedupe_key", sa.LargeBinary, unique=True),
    _text("path"),
)
"""Raw and append-only, but for `classed` and `why_classed`, which are judgements.

`path` is what `core.words.visited_path` makes of a visit's `data`, so that a condition need not take
addresses apart; null for all other kinds.
"""
sa.Index("ix_signal_contact_id_at", signal.c.contact_id, signal.c.at)

lookup = sa.Table(
    "lookup",
    metadata,
    _key(),
    _contact(nullable=False),
    _text("enricher", nullable=False),
    sa.Column("question", sa.LargeBinary, nullable=False),
    _text("state", nullable=False),
    _when("created_at", nullable=False),
    _when("not_before", nullable=False),
    sa.Column("token", Id),
    _when("lease_until"),
    _count("attempts"),
    _text("reply"),
    _when("done_at"),
    sa.UniqueConstraint("contact_id", "enricher"),
)
"""What a remote enricher is to be asked about a contact. `state`: ready, claimed, done, failed.

`question` is a hash of the fields that it is asked with; when they change, it is asked anew.
"""
sa.Index(
    "ix_lookup_open",
    lookup.c.enricher,
    lookup.c.not_before,
    sqlite_where=lookup.c.state.in_(["ready", "claimed"]),
    postgresql_where=lookup.c.state.in_(["ready", "claimed"]),
)

lookup_answer = sa.Table(
    "lookup_answer",
    metadata,
    _text("enricher", primary_key=True),
    sa.Column("question", sa.LargeBinary, primary_key=True),
    _json("answer"),
    _when("expires_at", nullable=False),
)
"""What remote enrichers answered (null: that they know nothing), for all who would ask the same."""
sa.Index("ix_lookup_answer_expires_at", lookup_answer.c.expires_at)

# --- following --------------------------------------------------------------------------------------

journey = sa.Table(
    "journey",
    metadata,
    _contact(primary_key=True, autoincrement=False),
    _text("lifecycle", nullable=False),
    _text("stage", nullable=False),
    _when("stage_since"),
    _when("stage_told_at"),
    _when("stage_told_until"),
    sa.Column("fit", sa.Integer, nullable=False, server_default="0"),
    sa.Column("engagement", sa.Float, nullable=False, server_default="0"),
    _when("recycle_at"),
    _when("due_at"),
    sa.Column("token", Id),
    _when("lease_until"),
    _count("attempts"),
    _count("wakes"),
    _text("stuck"),
)
"""Where each contact stands, and when it is to be looked at again: written by `decide` and its callers.

`stage_told_at` is when somebody last set the stage by hand, `stage_told_until` how long that holds at most.
`due_at` null: nothing to do until something wakes it. `wakes` counts what happened meanwhile, so that a
decision taken on an older picture does not put the alarm off. `stuck` says why it is not tried any more.
"""
sa.Index(
    "ix_journey_due_at",
    journey.c.due_at,
    sqlite_where=journey.c.due_at.is_not(None),
    postgresql_where=journey.c.due_at.is_not(None),
)

profile_version = sa.Table(
    "profile_version",
    metadata,
    _key(),
    _text("name", nullable=False),
    _text("hash", nullable=False),
    _text("source", nullable=False),
    _when("published_at", nullable=False),
    sa.UniqueConstraint("name", "hash"),
)

campaign_version = sa.Table(
    "campaign_version",
    metadata,
    _key(),
    _text("name", nullable=False),
    _text("hash", nullable=False),
    _text("source", nullable=False),
    _text("file", nullable=False),
    _text("author"),
    _when("published_at", nullable=False),
    sa.UniqueConstraint("name", "hash"),
)
"""Immutable: the text of each published version."""

campaign = sa.Table(
    "campaign",
    metadata,
    _text("name", primary_key=True),
    sa.Column("version_id", Id, sa.ForeignKey("campaign_version.id"), nullable=False),
    sa.Column("live", sa.Boolean, nullable=False),
)
"""Which version new enrolments get, and whether the campaign may send."""

publication = sa.Table(
    "publication",
    metadata,
    _key(),
    _text("campaign", nullable=False),
    sa.Column("version_id", Id, sa.ForeignKey("campaign_version.id")),
    sa.Column("before_id", Id, sa.ForeignKey("campaign_version.id")),
    _text("author"),
    _text("note"),
    _when("at", nullable=False),
    sa.Column("undoes", Id),
    sa.Column("former", Json),
)
"""What was live, change by change: from `before_id` (null: nothing) to `version_id` (null: stopped).

`undoes` is the publication that this one takes back; `former` are the names that steps had before.
"""
sa.Index("ix_publication_campaign", publication.c.campaign)

enrolment = sa.Table(
    "enrolment",
    metadata,
    _key(),
    _contact(nullable=False),
    _text("campaign", nullable=False),
    sa.Column("version_id", Id, sa.ForeignKey("campaign_version.id"), nullable=False),
    sa.Column("occurrence", sa.Integer, nullable=False),
    _text("track", nullable=False),
    _text("step"),
    _when("since", nullable=False),
    _when("entered_at", nullable=False),
    _json("done", nullable=False),
    _text("state", nullable=False),
    _when("ended_at"),
    _count("lap"),
    sa.UniqueConstraint("contact_id", "campaign", "occurrence"),
)

ground = sa.Table(
    "ground",
    metadata,
    _key(),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    _text("what", nullable=False),
    _text("campaign"),
    _text("version"),
    _text("step"),
    _text("rule"),
    _text("reason"),
    _json("evidence"),
)
"""What many decision records have in common, never what tells of one person. Made by `records`, for ever.

`reason` is null where each record says its own; `digest` is that of all columns behind it.
"""

decision = sa.Table(
    "decision",
    metadata,
    # Fixed widths first, the widest first: PostgreSQL pads what comes before a wider one.
    _key(),
    _contact(nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("next_at", Moment),
    # No foreign key: grounds never go, and PostgreSQL would lock the ground for each record of a batch.
    sa.Column("ground_id", sa.Integer, nullable=False),
    _json("said"),
)
"""Decision records, read and written by `records` alone: `said` is [reason, evidence] of this one only."""
sa.Index("ix_decision_contact_id", decision.c.contact_id)

# --- mail -------------------------------------------------------------------------------------------

outbox = sa.Table(
    "outbox",
    metadata,
    _key(),
    _contact(nullable=False),
    _text("campaign", nullable=False),
    sa.Column("version_id", Id, nullable=False),
    _text("step", nullable=False),
    sa.Column("occurrence", sa.Integer, nullable=False),
    _count("lap"),
    _text("template", nullable=False),
    _text("purpose", nullable=False),
    _text("locale", nullable=False),
    _text("message_id", nullable=False),
    _text("guarantee", nullable=False, server_default="at_most_once"),
    _text("state", nullable=False),
    _when("created_at", nullable=False),
    _when("not_before", nullable=False),
    sa.Column("token", Id),
    _when("lease_until"),
    _count("attempts"),
    _text("subject"),
    _text("reply"),
    _when("done_at"),
    _text("relay"),
    _when("repeat_until"),
    sa.UniqueConstraint("contact_id", "campaign", "step", "occurrence", "lap"),
)
"""One row a message, for ever. `state`: ready, claimed, transmitting, sent, failed, unknown, withheld.

`withheld` means that consent, suppression or the campaign's state forbade it at the last moment; the reason
is in `reply`. A deferred mail is `ready` again with a later `not_before`. `relay` is the one that it was last
given to. One with `repeat_until` may have arrived: that relay, and no other, may have it again until then.
"""
sa.Index("ix_outbox_message_id", outbox.c.message_id)
sa.Index(
    "ix_outbox_ready",
    outbox.c.not_before,
    sqlite_where=outbox.c.state == "ready",
    postgresql_where=outbox.c.state == "ready",
)
sa.Index(
    "ix_outbox_repeated",
    outbox.c.repeat_until,
    sqlite_where=outbox.c.repeat_until.is_not(None),
    postgresql_where=outbox.c.repeat_until.is_not(None),
)
sa.Index(
    "ix_outbox_leased",
    outbox.c.lease_until,
    sqlite_where=outbox.c.state.in_(["claimed", "transmitting"]),
    postgresql_where=outbox.c.state.in_(["claimed", "transmitting"]),
)

errand = sa.Table(
    "errand",
    metadata,
    _key(),
    _contact(nullable=False),
    _text("campaign", nullable=False),
    sa.Column("version_id", Id, nullable=False),
    _text("step", nullable=False),
    sa.Column("occurrence", sa.Integer, nullable=False),
    _count("lap"),
    _text("action", nullable=False),
    _json("parameters", nullable=False),
    _text("state", nullable=False),
    _when("created_at", nullable=False),
    _when("not_before", nullable=False),
    sa.Column("token", Id),
    _when("lease_until"),
    _count("attempts"),
    _text("reply"),
    _when("done_at"),
    sa.UniqueConstraint("contact_id", "campaign", "step", "occurrence", "lap"),
)
"""What an action is to do outside (a webhook, a task), at least once. `state`: ready, claimed, done,
failed."""
sa.Index(
    "ix_errand_open",
    errand.c.not_before,
    sqlite_where=errand.c.state.in_(["ready", "claimed"]),
    postgresql_where=errand.c.state.in_(["ready", "claimed"]),
)

throttle = sa.Table(
    "throttle",
    metadata,
    _text("name", primary_key=True),
    _when("day"),
    _count("day_used"),
    _when("minute"),
    _count("minute_used"),
    _when("rest_until"),
    _count("strikes"),
    _when("paused_at"),
    _text("paused_why"),
)
"""What a relay (`relay:NAME`), or a domain of recipients (`domain:NAME`), has had today and in this minute.

`rest_until`: nothing is tried before, after trouble; `strikes` is how often in a row. `paused_why`: nothing
goes that way until a person says so.
"""

relay_hour = sa.Table(
    "relay_hour",
    metadata,
    _text("relay", primary_key=True),
    _when("hour", primary_key=True),
    _count("tried"),
    _count("blocked"),
    _count("complained"),
)
"""What came of the mails of each relay, hour by hour: by it a wave of refusals or complaints is seen."""

# --- sales ------------------------------------------------------------------------------------------

handover = sa.Table(
    "handover",
    metadata,
    _key(),
    _contact(nullable=False),
    _text("campaign", nullable=False),
    sa.Column("version_id", Id, nullable=False),
    _text("team", nullable=False),
    _text("assignee_name"),
    _text("assignee_email"),
    _text("because", nullable=False),
    _json("dossier", nullable=False),
    _when("created_at", nullable=False),
    _when("answer_by"),
    _text("answer"),
    _text("reason"),
    _text("note"),
    _text("answered_by"),
    _when("answered_at"),
    _text("assigned_because"),
    _when("assigned_at"),
    _count("turn"),
    _json("had"),
    _when("next_look"),
    _when("reminded_at"),
    _when("escalated_at"),
    _text("escalated_to"),
    _when("asked_at"),
    _text("asked_for"),
    _when("returned_at"),
    _text("returned_reason"),
    _text("returned_note"),
    _text("returned_by"),
)
"""`answer` is null while sales has not answered, then accepted or rejected (with a coded `reason`).

`turn` counts from 0 how often it has begun anew: for somebody else, or since more is known. `had` are the
addresses of those before. At `next_look` it is reminded of, escalated, or looked at. One with `asked_at` and
no answer is paused: sales has asked for more (`asked_for`: a field, or words). `returned_…`: handed back
after it had been accepted.
"""
sa.Index("ix_handover_contact_id", handover.c.contact_id)
sa.Index(
    "ix_handover_waiting",
    handover.c.assignee_email,
    sqlite_where=handover.c.answer.is_(None),
    postgresql_where=handover.c.answer.is_(None),
)
sa.Index(
    "ix_handover_next_look",
    handover.c.next_look,
    sqlite_where=handover.c.next_look.is_not(None),
    postgresql_where=handover.c.next_look.is_not(None),
)

notice = sa.Table(
    "notice",
    metadata,
    _key(),
    sa.Column("handover_id", Id, sa.ForeignKey("handover.id", ondelete="CASCADE")),
    _text("kind", nullable=False, server_default="opened"),
    _text("channel", nullable=False),
    _json("target", nullable=False),
    _when("created_at"),
    _text("key", nullable=False, unique=True),
    _text("state", nullable=False),
    _when("not_before", nullable=False),
    sa.Column("token", Id),
    _when("lease_until"),
    _count("attempts"),
    _text("reply"),
    _when("done_at"),
)
"""A notification of sales on one channel. `state`: ready, claimed, done, failed. Sent at least once.

`target` is whom it goes to and why. Of a withdrawn hand-over nothing is left but that: `handover_id` is null.
"""
sa.Index("ix_notice_handover_id", notice.c.handover_id)
sa.Index(
    "ix_notice_open",
    notice.c.not_before,
    sqlite_where=notice.c.state.in_(["ready", "claimed"]),
    postgresql_where=notice.c.state.in_(["ready", "claimed"]),
)

team_turn = sa.Table(
    "team_turn",
    metadata,
    _text("team", primary_key=True),
    sa.Column("turns", sa.Integer, nullable=False),
)
"""How many hand-overs each team has had; who gives out one of the team's holds its row."""

team_share = sa.Table(
    "team_share",
    metadata,
    _text("team", primary_key=True),
    _text("email", primary_key=True),
    sa.Column("passed", sa.BigInteger, nullable=False),
)
"""How far each member is on in their share of the team's hand-overs (`core.assign`)."""

absence = sa.Table(
    "absence",
    metadata,
    _key(),
    _text("email", nullable=False),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),
)
"""Days on which a salesperson gets no hand-overs, beside those in the settings; `last` is one of them."""

outcome = sa.Table(
    "outcome",
    metadata,
    _key(),
    _contact(nullable=False),
    sa.Column("handover_id", Id),
    _text("result", nullable=False),
    _when("at", nullable=False),
    sa.Column("hundredths", sa.BigInteger),
    _text("currency"),
    _text("reason"),
    _text("source", nullable=False),
    _when("recorded_at", nullable=False),
    sa.Column("dedupe_key", sa.LargeBinary, unique=True),
)
"""What became of people: `result` is won or lost; the last one by `at` holds, and all are kept.

`hundredths` is the value in hundredths of the currency (ISO 4217), `source` where it was told: by whom, or in
which line of which file.
"""
sa.Index("ix_outcome_contact_id", outcome.c.contact_id)

unmatched_outcome = sa.Table(
    "unmatched_outcome",
    metadata,
    _key(),
    _json("told", nullable=False),
    _text("source", nullable=False),
    sa.Column("line", sa.Integer),
    _text("reason", nullable=False),
    _when("received_at", nullable=False),
    sa.Column("dedupe_key", sa.LargeBinary, nullable=False, unique=True),
)
"""Outcomes of people whom we do not know, or not yet: kept as they were told, with why nobody matched."""

outcome_source = sa.Table(
    "outcome_source",
    metadata,
    _text("name", primary_key=True),
    _text("position", nullable=False),
    _when("asked_at", nullable=False),
    _text("problem"),
)
"""Systems that are asked what became of people: from where on (`position`, in their own words), when they
were asked last, and why that came to nothing (`problem`)."""

lease = sa.Table(
    "lease",
    metadata,
    _text("name", primary_key=True),
    _text("holder", nullable=False),
    _when("until", nullable=False),
)
"""Who leads (the scheduler), and what only one may do at a time (sorting)."""

chore = sa.Table(
    "chore",
    metadata,
    _text("name", primary_key=True),
    _when("since", nullable=False),
    sa.Column("position", Id),
)
"""Work of which a little is done at a time: when its round began, and up to which id it has come (null: to
its end)."""
