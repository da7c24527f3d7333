"""A small firm in which, within a month, everything happens that the engine can decide or note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy import event

from nurture.app import build_app
from nurture.cli.following import lines
from nurture.clock import VirtualClock
from nurture.core.model import Change, Contact, Lead, Notice, NoticeKind, Result, SignalClass, Stage, Value
from nurture.core.outcomes import ToldOutcome
from nurture.journey.by_hand import StageTeller
from nurture.journey.duplicates import Duplicates
from nurture.journey.explain import Explainer
from nurture.journey.same_firms import SameFirms
from nurture.plug.contracts import Enrichment, Errand, NoticeOutcome, Unanswered
from nurture.settings import Purpose
from nurture.store import pairs, records, schema
from nurture.store.campaigns import Byline
from nurture.store.migrate import upgrade
from nurture.store.signals import NewSignal, record_signals
from nurture.tokens import UnsubscribeFacts
from nurture.web.hits import Chosen, Unsubscribed, store_group
from tests.world import MONDAY, make_settings, submit

PROFILE = """\
kind: profile
name: firm
lead: {require: [name, any_of: [email, phone]], enrich: [company_from_email_domain, register]}
fit:
  prospect_at: 50
  rules:
    - {id: sme, when: 5 <= account.employees <= 250, points: 20, about: size, ask: employees}
    - {id: trade, when: 'account.sector == "retail"', points: 10, about: sector, ask: sector}
    - {id: near, when: 'contact.country in ["NL", "BE"]', points: 30, about: region, ask: country}
    - {id: money, when: 'answers.budget == "10k+"', points: 30, about: budget, ask: budget}
    - {id: decides, when: 'answers.role == "owner"', points: 20, about: authority, ask: role}
    - {id: wants, when: 'answers.goal == "more work"', points: 5, about: need, ask: goal}
    - {id: soon, when: 'answers.start == "now"', points: 10, about: time_frame, ask: start}
  disqualify:
    - {id: student, when: 'answers.role == "student"', reason: a school project}
engagement: {half_life: 21d, settle: 2m, dormant_after: 10d, caps: {opened: 3}}
signals:
  - {id: opens, on: opened, points: 2}
  - {id: clicks, on: clicked, points: 2}
  - {id: prices, on: visited, where: url.path == "/prices", stage: comparison, points: 12}
  - {id: brochure, on: submitted, where: form == "brochure", points: 3}
  - {id: quote, on: submitted, where: form == "quote", stage: decision, points: 40, buying: true}
  - {id: has-left, on: unsubscribed, points: -30}
  - id: together
    on: visited
    where: url.path == "/team"
    stage: comparison
    points: 15
    people: 3
    within: 7d
promote: fit >= 50 and engagement >= 20 and stage == "comparison"
"""

CAMPAIGN = """\
kind: campaign
name: NAME
profile: firm
purpose: marketing
locale: nl
timezone: Europe/Amsterdam
audience: {when: '"NAME" in contact.interests'}
"""

TOUR = """\
exit: submitted("stop")
stages:
  orientation:
    - {id: hello, send: orientation/welcome}
    - {id: read, wait_for: clicked("hello"), up_to: 1d}
    - {id: start, wait: {until: answers.begin}}
    - id: fork
      choose:
        - {when: answers.budget == "10k+", do: [{id: large, wait: 1h}]}
        - {else: [{id: small, wait: 1h}]}
    - id: lot
      split: {a: 50, b: 50}
      do: {a: [{id: one, wait: 1h}], b: [{id: two, wait: 1h}]}
    - {id: mark, do: {tag: hot}}
    - {id: also, do: {add_to: news}}
    - {id: again, do: {add_to: news}}
    - {id: crm, do: {ring: {}}}
    - {id: tasted, goal: submitted("tasting")}
"""

NEWS = """\
stages:
  orientation:
    - {id: paper, send: orientation/welcome}
    - {id: later, wait: 30d}
"""

LOOP = """\
stages:
  orientation:
    - {id: breath, wait: 1m}
    - {id: round, go_to: breath}
"""

TO_LEAD = """\
stages:
  orientation:
    - {id: later, wait: 30d}
  decision:
    - {id: a-day, wait: 1d}
    - {id: once-more, hand_over: true}
handover:
  team: sales-nl
  assign: [territory, round_robin]
  notify: [email, webhook]
  answer_within: 4h
  remind: 1h
  escalate: lead
  when_rejected: {no_fit: disqualify}
"""

TO_NEXT = TO_LEAD.replace("escalate: lead", "escalate: next").replace(
    "[territory, round_robin]", "round_robin"
)

TEAM = {
    "members": [
        {"name": "Sanne", "email": "sanne@example.com", "countries": ["NL"]},
        {"name": "Joris", "email": "joris@example.com"},
    ],
    "lead": {"name": "Lies", "email": "lies@example.com"},
    "webhook": "http://127.0.0.1:9/crm",
    "webhook_secret": "a secret of the team",
}

PURPOSES: Mapping[str, Mapping[str, Any]] = {
    "marketing": {},
    "tips": {"double_opt_in": True},
    "paper": {"basis": "contract"},
}

WEBSITE = "https://www.example.com"


def _jansen(name: str, **more: Any) -> dict[str, Any]:
    email = f"{name.lower()}@{name.lower()}.nl"
    return {"name": f"{name} Jansen", "email": email, "consent": "marketing", **more}


def _hurry(connection: Any, _record: object) -> None:
    """Nothing here need survive a power cut; that it would takes a third of the time."""
    connection.execute("PRAGMA synchronous=OFF")


@dataclass
class Register:
    """A remote enricher that knows of one firm, nothing of another, and has no answer for the rest."""

    name: str = "register"
    remote: bool = True
    needs: tuple[str, ...] = ("company_domain",)
    gives: tuple[str, ...] = ("account.employees",)
    cache_for: timedelta = timedelta(days=30)
    per_minute: int | None = None
    per_day: int | None = None

    def enrich(self, leads: Sequence[Lead]) -> list[Enrichment | Unanswered | None]:
        return [self._answer(lead.company_domain) for lead in leads]

    def _answer(self, domain: str | None) -> Enrichment | Unanswered | None:
        if domain == "fien.nl":
            return Enrichment({"account.employees": "40"}, 0.8, "the register says so")
        if domain == "nico.nl":
            return Unanswered("no such key", again=False)
        return Unanswered("it is closed today") if domain == "anke.nl" else None


class Nothing(BaseModel):
    """The parameters of an action that has none."""


class Ring:
    """An action of a plugin's whose other side has closed."""

    name = "ring"
    words = "rings a bell"
    parameters = Nothing
    runs = True

    def changes(self, parameters: Mapping[str, Value], contact: Contact) -> Sequence[Change]:
        return ()

    def run(self, errands: Sequence[Errand]) -> list[NoticeOutcome]:
        return [NoticeOutcome(False, one.contact.first_name != "Clara", "it is closed") for one in errands]


class Closed:
    """A hand-over channel whose other side is not there: for a new hand-over for good, else for now."""

    name = "webhook"

    def notify(self, notice: Notice) -> NoticeOutcome:
        return NoticeOutcome(False, notice.kind is not NoticeKind.OPENED, "it is closed")


class Firm:
    """The firm, its people by first name, and what is told of each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._told: dict[str | int, str] = {}
        self.clock = VirtualClock(MONDAY)
        self.settings = make_settings(folder, f"sqlite:///{folder}.db")
        for file in (folder / "campaigns").glob("*.yaml"):
            file.unlink()
        named = {"tour": TOUR, "news": NEWS, "loop": LOOP, "first": TO_LEAD, "next": TO_NEXT}
        campaigns = [CAMPAIGN.replace("NAME", name) + text for name, text in named.items()]
        text = "---\n".join([PROFILE, *campaigns])
        self.write(
            text.replace(
                "name: news\nprofile: firm\npurpose: marketing", "name: news\nprofile: firm\npurpose: paper"
            )
        )
        consent = self.settings.consent.model_copy(
            update={"purposes": {name: Purpose(**said) for name, said in PURPOSES.items()}}
        )
        team = type(self.settings.teams["sales-nl"]).model_validate(TEAM)
        self.settings = self.settings.model_copy(update={"teams": {"sales-nl": team}, "consent": consent})
        self.app = build_app(self.settings, self.clock)
        self.app.registry.enrichers["register"] = Register()
        self.app.registry.actions["ring"] = Ring()
        self.app.registry.channels["webhook"] = Closed()
        event.listen(self.app.store.engine, "connect", _hurry)
        upgrade(self.app.store)
        self.app.publish()

    def write(self, text: str) -> None:
        """The firm's rules and campaigns."""
        self.rules = text
        (self.folder / "campaigns" / "all.yaml").write_text(text, encoding="utf-8")

    # --- what people do -------------------------------------------------------------------------------

    def submit(self, *names: str, form: str = "brochure", **more: Any) -> None:
        """Some people fill in a form."""
        submit(self.app, *(_jansen(name, **more) for name in names), form=form)

    def does(self, name: str, kind: str, classed: SignalClass = SignalClass.HUMAN, **data: Any) -> None:
        now, why = self.clock.now(), None if classed is SignalClass.HUMAN else "names no user agent"
        with self.app.store.write() as connection:
            new = NewSignal(self.id(name), kind, now, data, classed, why)
            record_signals(connection, [new], now)

    def later(self, **time: float) -> None:
        self.clock.advance(timedelta(**time))
        self.app.tick()

    # --- what is known --------------------------------------------------------------------------------

    def id(self, name: str) -> int:
        contact = schema.contact
        with self.app.store.read() as connection:
            found = connection.scalar(sa.select(contact.c.id).where(contact.c.first_name == name))
        assert found is not None, name
        return int(found)

    def handover(self, name: str) -> int:
        rows = self.app.desk.list(open_only=False)
        return max(row.id for row in rows if row.contact_id == self.id(name))

    def told(self, who: str | int) -> str:
        """What `nurture explain` says of somebody, once all has happened."""
        if who not in self._told:
            self._told[who] = self._tell(who)
        return self._told[who]

    def _tell(self, who: str | int) -> str:
        number = str(self.id(who) if isinstance(who, str) else who)
        explainer = Explainer(self.app.store, self.clock, self.app.plans, self.app.signer)
        return "\n".join(lines(explainer.explain(number)))

    # --- a month --------------------------------------------------------------------------------------

    def live(self) -> None:
        """Everything happens."""
        self._come_in()
        self._go_along()
        self._are_with_sales()
        self._end()
        self._are_found_twice()
        self._are_judged_by_other_rules()
        self._want_no_mail()
        self._act_together()
        self._meet_an_engine_without_actions()
        self.does("Mo", "opened", campaign="tour", step="hello")

    def _come_in(self) -> None:
        submit(
            self.app,
            {"name": "Robot Jansen", "email": "robot@x.example.com", "_gotcha": "x"},
            {"name": "Nobody Jansen", "email": "none@none"},
            {"email": "nameless@x.example.com"},
            _jansen("Noor", interests="tour", consent=""),
            _jansen("Tip", consent="tips", email="info@tip.nl", phone="12"),
            _jansen("Loek", interests="loop"),
            _jansen("Stan", interests="news", role="student"),
            _jansen("Staf", interests="news"),
            _jansen("Fien", interests="first", country="NL", role="owner"),
            _jansen("Nico", interests="next", country="NL", role="owner", budget="10k+"),
            _jansen("Anke", interests="first", country="NL", role="owner"),
        )
        tour = {"interests": "tour", "begin": "some day", "country": "FR", "goal": "fun"}
        self.submit("Tara", "Clara", "Gita", "Emma", **tour)
        self.app.tick()

    def _go_along(self) -> None:
        self.does("Clara", "clicked", campaign="tour", step="hello", url=f"{WEBSITE}/work")
        for _ in range(3):
            self.does("Clara", "opened", SignalClass.PROBABLE, campaign="tour", step="hello")
        self.does("Clara", "visited", SignalClass.MACHINE, url=f"{WEBSITE}/prices")
        self.submit("Gita", form="tasting")
        self.submit("Emma", form="stop")
        self.later(minutes=5)
        StageTeller(self.app.store, self.clock).tell(
            "Staf Jansen", Stage.COMPARISON, "asked at the fair", until=timedelta(days=3)
        )
        self.later(days=2)

    def _are_with_sales(self) -> None:
        self.submit("Fien", "Nico", "Anke", form="quote")
        self.app.tick()
        self.app.desk.answer(self.handover("Anke"), "asked", by="Joris", need="start")
        self.later(hours=3, minutes=10)
        self.later(hours=1)
        self.later(days=1)
        self.submit("Anke", start="now")
        self.app.tick()
        self.app.desk.answer(self.handover("Fien"), "accepted", by="Sanne")
        back = date(2026, 3, 16)
        self.app.desk.answer(
            self.handover("Fien"), "handed_back", "not_now", by="Sanne", note="after the move", until=back
        )
        self.app.desk.answer(self.handover("Nico"), "rejected", "no_fit", by="Joris")
        self.later(days=12)

    def _end(self) -> None:
        for name, result, days, reason in (
            ("Anke", Result.WON, 0, None),
            ("Anke", Result.LOST, 2, "too late"),
            ("Stan", Result.LOST, 0, "too dear"),
            ("Emma", Result.LOST, 0, "too dear"),
        ):
            value = (Decimal(2400), "EUR") if result is Result.WON else (None, None)
            at = self.clock.now() - timedelta(days=days)
            who = (("contact", str(self.id(name))),)
            told = ToldOutcome(result, at, who, "", *value, reason)
            self.app.outcomes.apply([told], "Sanne")

    def _are_found_twice(self) -> None:
        self.submit("Dora", "Dirk", "Ubbo", "Ulla", interests="news")
        duplicates = Duplicates(self.app.store, self.clock, self.app.signer.address_hash)
        duplicates.merge("Dora Jansen", "Dirk Jansen", "Sanne")
        gone = self.id("Ulla")
        duplicates.merge("Ubbo Jansen", "Ulla Jansen", "Sanne")
        duplicates.unmerge(gone)
        # Two who may be one: what comparing them would note.
        pair = pairs.Doubt(self.id("Ubbo"), self.id("Tip"), 0.7, ("the same name at one firm",))
        other = pairs.Doubt(self.id("Ubbo"), self.id("Noor"), 0.7, ("the same telephone number",))
        with self.app.store.write() as connection:
            pairs.PEOPLE.add(connection, [pair, other], self.clock.now())
        self.later(hours=1)
        duplicates.keep_apart(duplicates.listed(pairs.OPEN, 1)[1][0].id, "Sanne")
        firms = SameFirms(self.app.store, self.clock)
        firms.merge("ulla.nl", "ubbo.nl", "Sanne")
        with self.app.store.read() as connection:
            (former,) = connection.scalars(sa.select(schema.former_account.c.id))
        firms.unmerge(former)

    def _are_judged_by_other_rules(self) -> None:
        self.write(self.rules.replace("{id: breath, wait: 1m}", "{id: breath, wait: 9d}"))
        self.app.publish(byline=Byline("Marije", "not so fast"))
        self.later(minutes=1)
        self.write(self.rules.replace("country in", "country not in"))
        self.app.publish()
        self.later(minutes=1)

    def _want_no_mail(self) -> None:
        facts = UnsubscribeFacts(self.id("Gita"), "marketing", 1, "tour", "hello")
        no = Unsubscribed(facts, self.clock.now(), "one-click")
        stop = Chosen(
            UnsubscribeFacts(self.id("Emma"), "marketing", 1, "tour", "hello"),
            *(self.clock.now(), {}, None, True, self.app.signer.address_hash("emma@emma.nl"), {}),
        )
        with self.app.store.write() as connection:
            store_group(connection, [(b"n" * 16, no), (b"s" * 16, stop)], self.clock.now())

    def _act_together(self) -> None:
        submit(self.app, *(_jansen(name, email=f"{name.lower()}@team.nl") for name in ("Mila", "Mo", "Max")))
        for name in ("Mila", "Mo", "Max"):
            self.does(name, "visited", url=f"{WEBSITE}/team")
        self.later(minutes=3)

    def _meet_an_engine_without_actions(self) -> None:
        self.submit("Nadia", interests="tour")
        self.app.tick()
        loads = tuple(one for one in self.settings.plugins.load if one != "tagging")
        plugins = self.settings.plugins.model_copy(update={"load": loads})
        with closing(build_app(self.settings.model_copy(update={"plugins": plugins}), self.clock)) as bare:
            self.clock.advance(timedelta(days=2))
            while bare.advance_batch():
                pass


def decided(firm: Firm) -> Mapping[str, set[int]]:
    """Every kind of decision → of whom it was recorded."""
    found: dict[str, set[int]] = {}
    with firm.app.store.read() as connection:
        ids = list(connection.scalars(sa.select(schema.contact.c.id)))
        for one in records.told(connection, ids):
            found.setdefault(one.record.what, set()).add(one.contact_id)
    return found
