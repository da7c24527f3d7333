"""The findings that `nurture check` makes while it reads, each with its stable code.

The first digit says what it is about: 0 the file and its YAML, 1 keys and types, 2 values, 3 conditions,
4 things referred to, 5 the shape of a campaign, 6 advice. A code never changes its meaning; a new finding
gets a new code. What only thinking further shows stands in `foresight`.
"""

from __future__ import annotations

from nurture.language.catalogue import CATALOGUE, Code, Severity
from nurture.language.catalogue import define as _code

__all__ = ["CATALOGUE", "Code", "Severity"]

# --- 0: the file and its YAML -----------------------------------------------------------------------

UNREADABLE = _code(
    "N001", "File cannot be read", "The file is not there, may not be read, or is larger than 1 MB."
)
NOT_UTF8 = _code(
    "N002",
    "Not UTF-8",
    "Campaign files are UTF-8 text. Save the file in your editor with that encoding.",
)
NOT_YAML = _code("N003", "Not valid YAML", "The text breaks the rules of YAML at the place shown.")
TAB = _code("N004", "Tab", "YAML does not allow tabs in indentation. Use two spaces for each level.")
DUPLICATE_KEY = _code(
    "N005", "Key given twice", "A key can stand once in a table; of two, one would silently be lost."
)
ALIASES = _code(
    "N006",
    "Too many aliases",
    "Aliases (*name) may be used at most 100 times in a file, and may not blow it up: a few lines of "
    "aliases of aliases can mean a billion entries.",
)
TOO_DEEP = _code("N007", "Nested too deep", "Tables and lists can stand in each other at most 50 deep.")
NO_TAGS = _code(
    "N008", "YAML tag", "Tags (!!str, !python/object) have no meaning here. Put a text in quotes instead."
)
ODD_KEY = _code("N009", "Key is no text", "Keys are plain words, each with a colon behind it.")

# --- 1: keys and types ------------------------------------------------------------------------------

UNKNOWN_KEY = _code("N101", "Unknown key", "The key does not exist here; most often it is misspelt.")
MISSING_KEY = _code("N102", "Missing key", "The table lacks a key that it needs.")
WRONG_TYPE = _code(
    "N103", "Wrong type", "Another kind of value is needed: a list, a table, a number, a text."
)
UNKNOWN_KIND = _code("N104", "Unknown kind", "A document is `kind: profile` or `kind: campaign`.")
EMPTY_DOCUMENT = _code("N105", "Empty document", "There is nothing between two lines of ---.", "warning")

# --- 2: values --------------------------------------------------------------------------------------

BAD_DURATION = _code(
    "N201",
    "Not a duration",
    "Durations are numbers with a unit: 2w, 3d, 4h, 30m, or `1d 12h`; a hand-over's answer time may also be "
    "`4 business hours`.",
)
BAD_DAYS = _code("N202", "Not days of the week", "Days are written mon-fri, or mon, wed, fri.")
BAD_HOURS = _code("N203", "Not hours of the day", "Hours are written 09:00-17:30, from and up to.")
BAD_TIME_ZONE = _code("N204", "Unknown time zone", "Time zones are names of IANA: Europe/Amsterdam.")
BAD_LOCALE = _code("N205", "Unknown locale", "Locales are language codes such as nl, en or nl-BE.")
BAD_COUNTRY = _code(
    "N206",
    "No holidays known for it",
    "Holidays are named by country (NL) or one of its regions (DE-BY), as the library `holidays` has them.",
)
OUT_OF_RANGE = _code("N207", "Number out of range", "The number is smaller or larger than makes sense here.")
UNKNOWN_VALUE = _code("N208", "Unknown value", "Only a few words are possible here; this is none of them.")
BAD_NAME = _code(
    "N209", "Not a name", "Names and ids are letters, digits, - and _; they begin with a letter or a digit."
)
BAD_REJECT_RULE = _code(
    "N210",
    "Not a way on for a rejection",
    "A rejected contact goes `recycle after 90d`, `recycle on 2027-01-04`, `disqualify`, or `merge`.",
)

BAD_MOMENT = _code(
    "N211",
    "Not a moment to wait for",
    "A wait can be until a date (2026-12-01, 2026-12-01 09:00), days with a time (tue 09:00, mon-fri 08:30), "
    "or a field that holds a date (answers.renewal), each on the contact's own clock.",
)
HALF_A_PICTURE = _code(
    "N219",
    "People without a time, or a time without people",
    "A signal rule about several people of one firm says how many and within how long: "
    "`people: 3, within: 7d`.",
)
BAD_DATES = _code(
    "N212",
    "Not days of the calendar",
    "Quiet days are dates, 2026-12-24, or from and up to, 2026-12-24..2027-01-02.",
)

BAD_ASSIGN = _code(
    "N213",
    "Ways to assign that exclude each other",
    "`assign` names each way once, and either `least_loaded` or `round_robin`, which choose among equals.",
)
BAD_REMINDER = _code(
    "N214",
    "Not a time for a reminder",
    "`remind` is how long before the end of `answer_within` sales is reminded, in the same kind of time.",
)
BAD_ESCALATION = _code(
    "N215",
    "Not an escalation",
    "`escalate` says who hears of it when `answer_within` is over: `lead`, `next`, or an e-mail address.",
)

# --- 3: conditions ----------------------------------------------------------------------------------

BAD_CONDITION = _code(
    "N301", "Condition not understood", "The condition breaks the grammar, or uses a name that is not there."
)
NO_STEPS_HERE = _code(
    "N302",
    "A profile knows no steps",
    'Steps belong to a campaign. A profile can ask clicked(), not clicked("welcome").',
)
IMPOSSIBLE_VALUE = _code(
    "N303", "Compared with what cannot be", "`stage` and `lifecycle` only ever have a few values."
)

# --- 4: things referred to --------------------------------------------------------------------------

UNKNOWN_STEP = _code("N401", "Unknown step", "A condition or on_timeout names a step that is not there.")
UNKNOWN_TEMPLATE = _code("N402", "Unknown template", "There is no such template in templates/.")
TEMPLATE_LOCALE = _code(
    "N403",
    "Template missing in the campaign's locale",
    "Each template needs a variant in the campaign's locale.",
)
UNKNOWN_TEAM = _code("N404", "Unknown team", "Teams are set in nurture.toml, under [teams.NAME].")
UNKNOWN_CHANNEL = _code("N405", "Unknown channel", "Hand-over channels come from plugins.")
UNKNOWN_ENRICHER = _code("N406", "Unknown enricher", "Enrichers come from plugins.")
UNKNOWN_PROFILE = _code("N407", "Unknown profile", "A campaign names a profile of the same workspace.")
UNKNOWN_REASON = _code("N408", "Unknown reason", "Sales rejects with one of a few coded reasons.")

WRONG_TEMPLATE = _code(
    "N409",
    "Template cannot be used",
    "A template of the workspace breaks the rules of its language, or uses a name that does not exist. "
    "Its mails fail, others go.",
)

NOTHING_TO_RUN = _code(
    "N410",
    "Nothing to run",
    "There is neither a profile nor a campaign in `campaigns/`. Nurture needs a profile to sort leads by.",
)

UNKNOWN_TRANSPORT = _code(
    "N411",
    "Unknown transport",
    "`mail.transport` in nurture.toml names a transport; transports come from plugins.",
)

NOBODY_TO_GO_BY = _code(
    "N423",
    "Nothing to assign by",
    "`assign` asks whom or what members serve, and no member of the team says so: it decides nothing.",
    "warning",
)
NO_LEAD = _code(
    "N424", "Nobody leads the team", "`escalate: lead` needs a `lead` of the team, in nurture.toml."
)

NO_TEXT_PART = _code(
    "N417",
    "No plain-text part",
    "Beside NAME.html stands no NAME.txt, and there are no words in it to make one of: not everybody sees "
    "pictures, and a mail without plain text looks like spam. Its mails fail, others go.",
)

# --- 5: the shape -----------------------------------------------------------------------------------

DUPLICATE_ID = _code(
    "N501", "Id used twice", "An id is an identity: every step, and every rule, has its own."
)
DUPLICATE_NAME = _code("N502", "Name used twice", "Two profiles, or two campaigns, have the same name.")
NO_ACTION = _code("N503", "Step does nothing", "A step has one of: send, wait, wait_for, choose, split.")
TWO_ACTIONS = _code("N504", "Step does two things", "A step does one thing. Make two steps of it.")
NO_BRANCHES = _code("N505", "Choose without branches", "A choose needs at least one branch with a condition.")
ELSE_NOT_LAST = _code(
    "N506", "Else is not last", "There is one else at most, and nothing behind it: it would never be reached."
)
BAD_WEIGHTS = _code(
    "N507", "Weights are not 100", "The weights of a split's arms are percentages: they add to 100."
)
ARM_WITHOUT_STEPS = _code(
    "N508", "Arm without steps", "Every arm of a split has its steps under `do`, but for `holdout`."
)
UNKNOWN_ARM = _code("N509", "Unknown arm", "Under `do` stand steps for an arm that the split does not have.")

ONE_ACTION = _code("N510", "Not one action", "A step does one action: `do: {tag: hot}`.")
OTHER_TRACK = _code(
    "N511",
    "Jump into another track",
    "A go_to leads to a step of its own track; tracks change with the stage.",
)
LOOP_WITHOUT_TIME = _code(
    "N512",
    "Loop without time",
    "A loop is legal only where time surely passes in it: a wait, or a wait until days of the week. A "
    "wait_for does not count on the way on which its condition holds, since that may be at once.",
)
MOVED_BUT_THERE = _code(
    "N513", "Moved, but still there", "`moved` is for steps that this version lacks; the step is there."
)
NO_WAY_IN = _code(
    "N514", "Nobody can enter", "An audience needs `when`, `on` or `date`, or it would be nobody's campaign."
)
UNKNOWN_ACTION = _code("N515", "Unknown action", "Actions come from plugins.")
BAD_PARAMETER = _code(
    "N516",
    "Wrong parameter of an action",
    "The action lacks a parameter, has none of that name, or needs another value.",
)
INTO_AN_ARM = _code(
    "N517",
    "Jump into an arm of a split",
    "Who is in which arm is drawn, and stays so. A jump from outside would bring others into the arm, "
    "hold-outs among them, and the comparison would be worth nothing.",
)

# --- 6: advice --------------------------------------------------------------------------------------

EMPTY_TRACK = _code(
    "N601", "Empty track", "A stage is there but has no steps: nothing happens in it.", "warning"
)
UNREACHABLE = _code(
    "N602",
    "Can never be reached",
    "The points of all rules together are less than what is asked for.",
    "warning",
)
STAGE_WITHOUT_SIGNALS = _code(
    "N603",
    "No signal leads to this stage",
    "A campaign has a track for it, but nobody will come there.",
    "warning",
)
SEVERAL_PROFILES = _code(
    "N604", "Several profiles", "One profile runs; `profile` in nurture.toml says which.", "warning"
)
SOME_LOCALES = _code(
    "N605",
    "Template lacks a locale",
    "Other templates of the campaign have a variant in that locale.",
    "warning",
)
LIKELY_MISSPELT = _code(
    "N606",
    "Probably misspelt",
    "Any name is possible here, but this one is very close to a known one.",
    "warning",
)
NEVER_HANDED_OVER = _code(
    "N607",
    "No hand-over",
    "The campaign says nothing of a hand-over, so its prospects go to nobody.",
    "warning",
)
NO_CAMPAIGNS = _code("N608", "No campaigns", "There is no campaign in the folder.", "warning")
