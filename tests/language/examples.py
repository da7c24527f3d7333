"""The example documents of the design, and a workspace in which they have all that they name."""

from __future__ import annotations

from nurture.language.workspace import Known

PROFILE = """\
# yaml-language-server: $schema=./nurture.schema.json
kind: profile
name: web-agency
lead:
  require: [name, any_of: [email, phone]]         # the data standard
  enrich: [company_from_email_domain]
fit:
  prospect_at: 60
  rules:
    - {id: sme,    when: 5 <= account.employees <= 250,                     points: 30}
    - {id: budget, when: 'answers.budget in ["5-10k", "10k+"]',             points: 40}
    - {id: region, when: 'account.country in ["NL", "BE"]',                 points: 20}
  disqualify:
    - {id: student, when: answers.role == "student" or account.sector == "education", reason: no budget}
engagement: {half_life: 21d}
signals:
  - {on: visited,   where: url.path.startswith("/portfolio"), stage: orientation, points: 2}
  - {on: submitted, where: form == "brochure",                stage: orientation, points: 8}
  - {on: visited,   where: url.path == "/prices",             stage: comparison,  points: 6}
  - {on: submitted, where: form == "quote",                   stage: decision,    points: 40, buying: true}
promote: fit >= 60 and engagement >= 25 and stage in ["comparison", "decision"]
"""

CAMPAIGN = """\
kind: campaign
name: new-website
profile: web-agency
purpose: marketing                     # the consent that every message here needs
locale: nl
timezone: Europe/Amsterdam             # where the contact has none
audience: {when: '"website" in contact.interests', reenter: after 180d}
policy:
  window: {days: mon-fri, hours: 09:00-17:30, holidays: NL}
  cap: {messages: 2, per: 7d}          # over all campaigns
  priority: 10
stages:
  orientation:
    - {id: welcome,  send: orientation/welcome}
    - {id: pause,    wait: 3d}
    - {id: read-it,  wait_for: clicked("welcome"), up_to: 4d}
    - id: fork
      choose:
        - {when: clicked("welcome"), do: [{id: cases, send: orientation/cases}]}
        - {else: [{id: how-it-works, send: orientation/how-it-works}]}
  comparison:
    - id: proof
      split: {a: 45, b: 45, holdout: 10}
      do: {a: [{id: proof-a, send: comparison/costs}], b: [{id: proof-b, send: comparison/included}]}
  decision:
    - {id: plan, send: decision/planning}
handover:
  team: sales-nl
  assign: round_robin
  notify: [email, webhook]
  answer_within: 4 business hours
  when_rejected: {not_now: recycle after 90d, no_fit: disqualify}
tests:
  - name: a quote request goes straight to sales
    given: {now: 2026-03-02T10:00, contact: {name: An, email: an@example.com, interests: [website]}, \
consent: [marketing], account: {employees: 40, country: NL}, answers: {budget: 10k+}}
    when: [{at: 2h, submitted: {form: quote}}]
    expect: [{at: 0d, sent: welcome}, {at: 2h, handed_over: sales-nl}, {never: sent, after: 2h}]
"""

BOTH = f"{PROFILE}---\n{CAMPAIGN}"

TEMPLATES = (
    "orientation/welcome",
    "orientation/cases",
    "orientation/how-it-works",
    "comparison/costs",
    "comparison/included",
    "decision/planning",
)
KNOWN = Known(
    templates=dict.fromkeys(TEMPLATES, frozenset({"nl", "en"})),
    teams=frozenset({"sales-nl"}),
    channels=frozenset({"email", "webhook"}),
    enrichers=frozenset({"company_from_email_domain"}),
    reasons=frozenset({"not_now", "no_fit"}),
)
