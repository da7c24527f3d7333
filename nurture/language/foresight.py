"""The findings that take more than reading: what can never happen, happens too often, or is surely not meant.

Numbered as those of `codes`. Each has an example of what is wrong and what to write instead, which the
reference shows and a test tries.
"""

from __future__ import annotations

from nurture.language.catalogue import define

# --- 3: conditions ----------------------------------------------------------------------------------

NEVER_HOLDS = define(
    "N304",
    "Condition never holds",
    "Its parts contradict each other, or ask for a value that cannot be: nobody will ever match it.",
    "warning",
    wrong="audience: {when: fit < 10 and fit > 20}",
    right="audience: {when: fit > 10 and fit < 20}",
)
ALWAYS_HOLDS = define(
    "N305",
    "Condition always holds",
    "Everybody matches it, so it decides nothing. Where everybody is meant, write `true`.",
    "warning",
    wrong='audience: {when: stage == "decision" or stage != "decision"}',
    right='audience: {when: stage == "decision"}',
)
SHADOWED_BRANCH = define(
    "N306",
    "Branch is never taken",
    "Of a choose, the first branch that holds is taken; whoever matches this one has matched one above it.",
    "warning",
    wrong="- {id: a, choose: [{when: fit > 20, do: [{id: b, send: orientation/welcome}]}, "
    "{when: fit > 40, do: [{id: c, send: orientation/cases}]}]}",
    right="- {id: a, choose: [{when: fit > 40, do: [{id: b, send: orientation/welcome}]}, "
    "{when: fit > 20, do: [{id: c, send: orientation/cases}]}]}",
)
NOT_YET_SENT = define(
    "N307",
    "Asks for a mail that comes later",
    "On every way, this step comes before that mail: when it is looked at, nobody can have got it.",
    "warning",
    wrong='- {id: a, wait_for: clicked("b"), up_to: 3d}\n- {id: b, send: orientation/welcome}',
    right='- {id: b, send: orientation/welcome}\n- {id: a, wait_for: clicked("b"), up_to: 3d}',
)
PATH_WITHOUT_SLASH = define(
    "N308",
    "Path without a slash",
    "The path of an address always begins with a slash: /prices. This one is never visited.",
    "warning",
    wrong='signals:\n  - {on: visited, where: url.path == "prices", stage: comparison, points: 5}\n'
    "  - {on: replied, stage: decision, points: 5}",
    right='signals:\n  - {on: visited, where: url.path == "/prices", stage: comparison, points: 5}\n'
    "  - {on: replied, stage: decision, points: 5}",
)
EQUAL_RULES = define(
    "N309",
    "Two rules with one condition",
    "Whoever matches one matches the other: their points add up. Give one rule all the points.",
    "warning",
    wrong="fit:\n  prospect_at: 20\n  rules:\n    - {id: a, when: account.employees > 5, points: 10}\n"
    "    - {id: b, when: account.employees > 5, points: 10}",
    right="fit:\n  prospect_at: 20\n  rules:\n    - {id: a, when: account.employees > 5, points: 20}",
)

# --- 4: things referred to --------------------------------------------------------------------------

UNSURE_FIELD = define(
    "N412",
    "Prints what not everybody has",
    "A template prints a value that may be unknown of a contact, and then the mail fails. Ask first, "
    '`{% if contact.first_name %}`, or give an `or`: `{{ contact.first_name or "there" }}`.',
    "warning",
)
NO_WAY_OUT = define(
    "N413",
    "No link to unsubscribe",
    "Neither the template nor its layout prints `unsubscribe_url`. The law asks for that link in every mail.",
    "warning",
)
ODD_PURPOSE = define(
    "N414",
    "Purpose probably misspelt",
    "Consent is given for a purpose; nobody has consented to one that is spelt otherwise.",
    "warning",
)
UNKNOWN_PURPOSE = define(
    "N420",
    "Unknown purpose",
    "`nurture.toml` declares the purposes that people are written to for, under [consent.purposes.NAME], and "
    "this one is not among them: nobody is asked for it, and its mails would go to nobody. Where no purpose "
    "is declared, any will do.",
)
NO_ADDRESS = define(
    "N421",
    "No postal address in the mail",
    "Neither the template nor its layout prints `firm.address`. Who sends mail must say in every mail where "
    "to find them.",
    "warning",
)
NOBODYS_ADDRESS = define(
    "N422",
    "The firm has no postal address",
    "`firm.address` is empty, and mail really goes out. Who sends mail must say in every mail where to find "
    "them. With the transport `maildir`, which only writes files, nothing is said.",
)
UNKNOWN_CAMPAIGN = define(
    "N415",
    "Unknown campaign",
    "add_to and remove_from name a campaign of the same workspace.",
    wrong="- {id: a, send: orientation/welcome}\n- {id: b, do: {add_to: webshpo}}",
    right="- {id: a, send: orientation/welcome}\n- {id: b, do: {add_to: other}}",
)
EMPTY_TEAM = define(
    "N416",
    "Team without members",
    "There is nobody in that team who could take a hand-over.",
    "warning",
)

UNKNOWN_FORM = define(
    "N418",
    "Form probably misspelt",
    "A form may have any name; this one is named by no signal of a profile and no audience, and is very "
    "close to one that is. What waits for it would never happen.",
    "warning",
    wrong='- {id: a, send: orientation/welcome}\n- {id: b, wait_for: submitted("qoute"), up_to: 3d}',
    right='- {id: a, send: orientation/welcome}\n- {id: b, wait_for: submitted("quote"), up_to: 3d}',
)

NOTHING_TO_CLICK = define(
    "N419",
    "Nothing to click in that mail",
    "A condition asks for a click in a mail whose template has no link to the web, in any language, so it "
    "can never happen. The link to unsubscribe, mail addresses and telephone numbers do not count as clicks.",
    "warning",
)

# --- 5: the shape -----------------------------------------------------------------------------------

UNREACHABLE_STEP = define(
    "N530",
    "Step is never reached",
    "No way leads here: it stands behind an exit or a go_to, or in a branch that is never taken.",
    "warning",
    wrong="- {id: a, send: orientation/welcome}\n- {id: b, exit: done}\n- {id: c, send: orientation/cases}",
    right="- {id: a, send: orientation/welcome}\n- {id: c, send: orientation/cases}\n- {id: b, exit: done}",
)
NOTHING_SENT = define(
    "N531",
    "Campaign without a message",
    "No step of the campaign sends, does or hands over anything.",
    "warning",
    wrong="- {id: a, wait: 3d}",
    right="- {id: a, send: orientation/welcome}",
)
SAME_MAIL_TWICE = define(
    "N532",
    "The same mail twice",
    "Whoever comes here has got the same template before, in the same track.",
    "warning",
    wrong="- {id: a, send: orientation/welcome}\n- {id: b, wait: 3d}\n- {id: c, send: orientation/welcome}",
    right="- {id: a, send: orientation/welcome}\n- {id: b, wait: 3d}\n- {id: c, send: orientation/cases}",
)
NO_TEAM = define(
    "N533",
    "Hand-over to nobody",
    "A hand_over step needs a team of its own, or a `handover` of the campaign.",
)
MET_AT_ENTRY = define(
    "N534",
    "Met from the beginning",
    "Whoever is in the audience meets the goal, or the exit, at once: the campaign does nothing for them.",
    "warning",
    wrong="exit: fit > 20\naudience: {when: fit > 20}",
    right="exit: fit > 60\naudience: {when: fit > 20}",
)
STEP_GONE = define(
    "N535",
    "Gone, though people stand on it",
    "People who are under way stand on a step that the file lacks, by what the workspace's database says; "
    "nothing can be published until `moved:` says where they go on. Where there is no database, nothing is "
    "said.",
)

# --- 6: advice --------------------------------------------------------------------------------------

CAP_DRAGS = define(
    "N609",
    "Cap slows the campaign down",
    "The steps plan more messages in a time than the cap allows: they will come later than is written.",
    "warning",
    wrong="policy: {cap: {messages: 1, per: 30d}}\nstages:\n  orientation:\n"
    "    - {id: a, send: orientation/welcome}\n    - {id: b, wait: 3d}\n"
    "    - {id: c, send: orientation/cases}",
    right="policy: {cap: {messages: 2, per: 30d}}\nstages:\n  orientation:\n"
    "    - {id: a, send: orientation/welcome}\n    - {id: b, wait: 3d}\n"
    "    - {id: c, send: orientation/cases}",
)
NO_SUCH_HOUR = define(
    "N610",
    "Time that is left out in spring",
    "When the clocks go forward, this time does not exist in the campaign's zone.",
    "warning",
    wrong="- {id: a, wait: {until: sun 02:30}}\n- {id: b, send: orientation/welcome}",
    right="- {id: a, wait: {until: sun 03:30}}\n- {id: b, send: orientation/welcome}",
)
SAME_PEOPLE = define(
    "N611",
    "Two campaigns for the same people",
    "They have the same audience and the same priority, so which one's message goes first is left to their "
    "names. Give one the higher priority, or tell the audiences apart.",
    "warning",
)
OVERLAP = define(
    "N616",
    "Somebody can be in two campaigns of one priority",
    "A contact can match both audiences, so which campaign's message goes first is left to their names. "
    "Give one the higher priority, or tell the audiences apart. Said only where an example was found.",
    "warning",
)
NEVER_OPEN = define(
    "N617",
    "Window never opens",
    "Days, holidays and quiet days leave no moment in the next twelve months at which a message may go out.",
    wrong="policy: {window: {quiet: [2026-01-01..2027-12-31]}}",
    right="policy: {window: {quiet: [2026-12-24..2027-01-02]}}",
)
LONG_QUIET = define(
    "N612",
    "Window shut for long",
    "Nothing goes out on quiet days, and these are more than three months without a break.",
    "warning",
    wrong="policy: {window: {quiet: [2026-12-24..2027-12-27]}}",
    right="policy: {window: {quiet: [2026-12-24..2026-12-27]}}",
)
EMPTY_ARM = define(
    "N613",
    "Arm for nobody",
    "An arm of weight 0 gets nobody.",
    "warning",
    wrong="- {id: a, split: {x: 100, y: 0}, do: {x: [{id: b, send: orientation/welcome}], y: [{id: c, send: "
    "orientation/cases}]}}",
    right="- {id: a, split: {x: 50, y: 50}, do: {x: [{id: b, send: orientation/welcome}], y: [{id: c, send: "
    "orientation/cases}]}}",
)
LONG_WAIT = define(
    "N614",
    "Waits longer than a year",
    "Few contacts remember anything for so long; often another unit was meant.",
    "warning",
    wrong="- {id: a, wait: 60w}\n- {id: b, send: orientation/welcome}",
    right="- {id: a, wait: 60d}\n- {id: b, send: orientation/welcome}",
)
SOON_AGAIN = define(
    "N615",
    "Begins again too soon",
    "Whoever has come to the end begins anew after `reenter`, sooner than the campaign takes: they would be "
    "in it most of the time, and get the same mails over and over.",
    "warning",
    wrong="audience: {when: fit > 20, reenter: after 1d}\nstages:\n  orientation:\n"
    "    - {id: a, wait: 9d}\n    - {id: b, send: orientation/welcome}",
    right="audience: {when: fit > 20, reenter: after 90d}\nstages:\n  orientation:\n"
    "    - {id: a, wait: 9d}\n    - {id: b, send: orientation/welcome}",
)
LIKE_A_CONDITION = define(
    "N618",
    "Reason reads like a condition",
    "A step's `exit` ends the campaign for everybody who comes to it, and says why in words. To end it only "
    "for some, put the step into a branch of a choose; `exit` at the top of a campaign is a condition.",
    "warning",
    wrong="- {id: a, send: orientation/welcome}\n- {id: b, exit: fit > 20}",
    right="- {id: a, send: orientation/welcome}\n"
    "- {id: b, choose: [{when: fit > 20, do: [{id: c, exit: a good fit}]}]}",
)

CAP_ON_NOTHING = define(
    "N640",
    "Cap on nothing",
    "A cap limits what the points of one kind of signal come to together; no rule gives this kind any.",
    "warning",
    wrong="engagement: {caps: {opened: 10}}",
    right="engagement: {caps: {visited: 10}}",
)
LONG_SETTLE = define(
    "N641",
    "Clicks wait too long",
    "Opens, clicks and visits count only after `settle`, so that a scanner shows itself by then. Scanners do "
    "within minutes; a person who wants to buy should not wait longer.",
    "warning",
    wrong="engagement: {settle: 2h}",
    right="engagement: {settle: 2m}",
)
ASKS_PAST_THE_RULE = define(
    "N642",
    "Question that does not answer the rule",
    "`ask` names the form field whose answer the rule needs; the rule's condition does not look at this one.",
    "warning",
    wrong="fit:\n  prospect_at: 60\n  rules:\n"
    "    - {id: rich, when: answers.budget > 5000, points: 60, about: budget, ask: budgte}",
    right="fit:\n  prospect_at: 60\n  rules:\n"
    "    - {id: rich, when: answers.budget > 5000, points: 60, about: budget, ask: budget}",
)
