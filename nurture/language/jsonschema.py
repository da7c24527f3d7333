"""A JSON Schema of campaigns and profiles, for an editor's YAML language server: what can stand where.

Draft 7, which the YAML language servers know best. It is made for one workspace: its templates, teams, rules
and actions stand in it as what can be chosen. `nurture check` knows far more; this helps while one writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from nurture.core.assign import WAYS
from nurture.core.model import Lifecycle, SignalKind, Stage
from nurture.language import audience, campaigns, cases, moments, profiles, steps
from nurture.language.jsonschema_actions import DEFINITIONS, action_schema, parameter_definitions
from nurture.language.keywords import DESCRIPTIONS, STEP_DESCRIPTIONS
from nurture.language.mentions import Known

Schema = dict[str, Any]

_DURATION = r"^\s*[0-9]{1,6}\s*[wdhms](\s+[0-9]{1,6}\s*[wdhms])*\s*$"


def json_schema(known: Known, names: Mapping[str, Collection[str]]) -> Schema:
    """The schema. `names` are what the workspace's own documents are called: `profile`, `campaign`."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Nurture: campaigns and profiles",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": _described("kind", {"enum": ["profile", "campaign", "tests"]})},
        "allOf": [
            _if_kind("profile", _profile(known)),
            _if_kind("campaign", _campaign(known, names)),
            _if_kind("tests", _tests(names)),
        ],
        "definitions": {
            "condition": {"type": ["string", "boolean"], "description": "A condition: it reads like Python."},
            "duration": {"type": "string", "pattern": _DURATION, "description": "2w, 3d, 4h, 30m, 1d 12h"},
            "steps": {"type": "array", "items": _step(known)},
            "test": _test(known),
            **parameter_definitions(known.actions),
        },
    }


def _if_kind(kind: str, then: Schema) -> Schema:
    condition = {"properties": {"kind": {"const": kind}}, "required": ["kind"]}
    return {"if": condition, "then": then}


def _table(properties: Mapping[str, Schema], keys: Collection[str], required: Collection[str] = ()) -> Schema:
    """A table with these keys and no others; every key of the reader has a schema."""
    assert set(properties) == set(keys), set(properties) ^ set(keys)
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _described(key: str, schema: Schema, words: Mapping[str, str] = DESCRIPTIONS) -> Schema:
    return {"description": words[key], **schema}


def _ref(name: str) -> Schema:
    return {"$ref": f"{DEFINITIONS}{name}"}


def _known(names: Collection[str]) -> Schema:
    """One of what there is; any text where nothing is known."""
    return {"type": "string", "enum": sorted(names)} if names else {"type": "string"}


def _many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


# --- profile ----------------------------------------------------------------------------------------


def _profile(known: Known) -> Schema:
    rule: Schema = {"type": "object", "required": ["id", "when"]}
    points = {"type": "integer", "description": "Points; may be negative."}
    fit_rule = _table(
        {
            "id": {"type": "string"},
            "when": _ref("condition"),
            "points": points,
            "about": {"enum": list(profiles.TERMS), "description": "The term of sales that it asks for."},
            "ask": {"type": "string", "description": "The form field that answers it: budget."},
        },
        profiles.FIT_RULE_KEYS,
        ("id", "when", "points"),
    )
    reason = {"type": "string", "description": "Why, in a few words for sales."}
    disqualifier = rule | {
        "properties": {"id": {"type": "string"}, "when": _ref("condition"), "reason": reason}
    }
    signal = {
        "type": "object",
        "required": ["on", "points"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string"},
            "on": {"type": "string", "examples": sorted(SignalKind), "description": "What happened."},
            "where": _ref("condition"),
            "stage": {"enum": sorted(Stage), "description": "The stage that it speaks for."},
            "points": points,
            "buying": {"type": "boolean", "description": "A clear buying signal: promotes at once."},
            "people": {
                "type": "integer",
                "minimum": 2,
                "description": "About the firm: so many of its people did so within a while.",
            },
            # Beside a $ref, draft 7 reads nothing: the words stand around it.
            "within": {"description": "Within how long they did: 7d.", "allOf": [_ref("duration")]},
        },
        "dependencies": {"people": ["within"], "within": ["people"]},
    }
    require = {"anyOf": [{"type": "string"}, {"type": "object", "required": ["any_of"]}]}
    schemas: dict[str, Schema] = {
        "kind": {},
        "name": {"type": "string"},
        "lead": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"require": _many(require), "enrich": _many(_known(known.enrichers))},
        },
        "fit": {
            "type": "object",
            "required": ["prospect_at"],
            "additionalProperties": False,
            "properties": {
                "prospect_at": {"type": "integer", "description": "So many points make a fitting contact."},
                "rules": _many(fit_rule),
                "disqualify": _many(disqualifier),
            },
        },
        "engagement": _engagement(),
        "signals": _many(signal),
        "promote": _ref("condition"),
    }
    described = {key: _described(key, schema) for key, schema in schemas.items()}
    return _table(described, profiles.KEYS, ("name", "fit"))


def _engagement() -> Schema:
    cap: Schema = {"type": "integer", "minimum": 0}
    words = {
        "half_life": "After so long a signal's points are worth half.",
        "caps": "Of one kind of signal, all points together count at most so much: {opened: 10}.",
        "settle": "Opens, clicks and visits count only after so long: a scanner's burst shows by then.",
        "dormant_after": "Without a human signal for so long, contact.dormant is true.",
    }
    schemas: dict[str, Schema] = {
        "half_life": _ref("duration"),
        "caps": {"type": "object", "additionalProperties": cap},
        "settle": _ref("duration"),
        "dormant_after": _ref("duration"),
    }
    # Beside a $ref, draft 7 reads nothing: the words stand around it.
    described = {key: {"description": words[key], "allOf": [schema]} for key, schema in schemas.items()}
    return _table(described, profiles.ENGAGEMENT_KEYS)


# --- campaign ---------------------------------------------------------------------------------------


def _campaign(known: Known, names: Mapping[str, Collection[str]]) -> Schema:
    schemas: dict[str, Schema] = {
        "kind": {},
        "name": {"type": "string"},
        "profile": _known(names.get("profile", ())),
        "purpose": {"type": "string", "examples": ["marketing"]},
        "locale": {"type": "string"},
        "timezone": {"type": "string", "examples": ["Europe/Amsterdam"]},
        "audience": _audience(),
        "exit": _ref("condition"),
        "policy": _policy(),
        "stages": _table({stage.value: _ref("steps") for stage in Stage}, [each.value for each in Stage]),
        "handover": _handover(known),
        "moved": {"type": "object", "additionalProperties": {"type": "string"}},
        "tests": _many(_ref("test")),
    }
    required = ("name", "profile", "purpose", "locale", "timezone", "audience", "stages")
    described = {key: _described(key, schema) for key, schema in schemas.items()}
    return _table(described, campaigns.KEYS, required)


def _audience() -> Schema:
    offset = {"minus": _ref("duration"), "plus": _ref("duration")}
    entry = {
        "signal": {"type": "string", "examples": sorted(SignalKind)},
        "where": _ref("condition"),
        "within": _ref("duration"),
    }
    field = {"type": "string", "description": "The field that holds the date: answers.renewal"}
    by_date = {"field": field, **offset, "within": _ref("duration")}
    return _table(
        {
            "when": _ref("condition"),
            "on": _table(entry, audience.ON_KEYS, ("signal",)),
            "date": _table(by_date, audience.DATE_KEYS, ("field",)),
            "reenter": {"type": "string", "description": "After how long they may come again: after 180d"},
        },
        audience.AUDIENCE_KEYS,
    )


def _policy() -> Schema:
    days: Schema = {"type": ["string", "array"], "description": "mon-fri, or mon, wed, fri"}
    window: dict[str, Schema] = {
        "days": days,
        "hours": {"type": "string", "pattern": r"^\s*\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}\s*$"},
        "holidays": {"type": "string", "description": "A country (NL) or region (DE-BY)."},
        "quiet": _many({"type": "string", "description": "2026-12-24, or 2026-12-24..2027-01-02"}),
    }
    cap = {"messages": {"type": "integer", "minimum": 1}, "per": _ref("duration")}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "window": _table(window, campaigns.WINDOW_KEYS),
            "cap": {"type": "object", "properties": cap, "required": ["messages", "per"]},
            "priority": {"type": "integer", "minimum": -1000, "maximum": 1000},
        },
    }


def _handover(known: Known) -> Schema:
    reject = {"type": "string", "pattern": r"^(disqualify|merge|recycle (after|on) .+)$"}
    way = {"enum": list(WAYS)}
    time = {"type": "string", "description": "4 business hours, or 2d"}
    reasons = dict.fromkeys(sorted(known.reasons), reject)
    return {
        "type": "object",
        "required": ["team"],
        "additionalProperties": False,
        "properties": {
            "team": _known(known.teams),
            "assign": {"anyOf": [way, _many(way)]},
            "notify": _many(_known(known.channels)),
            "answer_within": time,
            "remind": {"type": "string", "description": "So long before that: 1 business hour, or 2h"},
            "escalate": {"type": "string", "description": "Who hears of it then: lead, next, or an address"},
            "when_rejected": {"type": "object", "properties": reasons},
        },
    }


# --- steps ------------------------------------------------------------------------------------------


def _step(known: Known) -> Schema:
    """One of the kinds of step, told apart by its key, so that an editor offers what belongs to it."""
    branch = {
        "anyOf": [
            _table({"when": _ref("condition"), "do": _ref("steps")}, ("when", "do"), ("when", "do")),
            _table({"else": _ref("steps")}, ("else",), ("else",)),
        ]
    }
    until = {
        "until": {"type": "string", "description": "2026-12-01 09:00, tue 09:00, or answers.renewal"},
        "minus": _ref("duration"),
        "plus": _ref("duration"),
        "at": {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"},
    }
    wait = {"anyOf": [_ref("duration"), _table(until, moments.UNTIL_KEYS, ("until",))]}
    team = _table({"team": _known(known.teams), "because": {"type": "string"}}, steps.HAND_OVER_KEYS)
    kinds: dict[str, dict[str, Schema]] = {
        "send": {"send": _known(known.templates)},
        "wait": {"wait": wait},
        "wait_for": {
            "wait_for": _ref("condition"),
            "up_to": _ref("duration"),
            "on_timeout": {"anyOf": [{"type": "string"}, _ref("steps")]},
        },
        "choose": {"choose": _many(branch)},
        "split": {
            "split": {"type": "object", "additionalProperties": {"type": "integer"}},
            "do": {"type": "object", "additionalProperties": _ref("steps")},
        },
        "do": {"do": action_schema(known.actions)},
        "goal": {"goal": _ref("condition")},
        "exit": {"exit": {"type": ["string", "number"]}},
        "go_to": {"go_to": {"type": "string"}},
        "hand_over": {"hand_over": {"anyOf": [_known(known.teams), {"const": True}, team]}},
    }
    assert set(kinds) == set(steps.STEP_KINDS)
    return {"anyOf": [_kind(name, parts) for name, parts in kinds.items()]}


def _kind(name: str, parts: Mapping[str, Schema]) -> Schema:
    properties = {
        key: _described(key, schema, STEP_DESCRIPTIONS)
        for key, schema in {"id": {"type": ["string", "integer"]}, **parts}.items()
    }
    needed = ["id", name, *(key for key in ("up_to",) if key in parts)]
    if name == "split":
        needed.append("do")
    return {
        "title": name,
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


# --- tests ------------------------------------------------------------------------------------------


def _tests(names: Mapping[str, Collection[str]]) -> Schema:
    return {
        "type": "object",
        "required": ["campaign", "tests"],
        "additionalProperties": False,
        "properties": {
            "kind": {},
            "campaign": _known(names.get("campaign", ())),
            "tests": _many(_ref("test")),
        },
    }


def _test(known: Known) -> Schema:
    anything: Schema = {}
    given = dict.fromkeys(cases.GIVEN_KEYS, anything) | {
        "now": {"type": "string", "description": "2026-03-02T10:00, on the campaign's clock"},
        "stage": {"enum": sorted(Stage)},
        "lifecycle": {"enum": sorted(Lifecycle)},
        "consent": _many({"type": "string"}),
    }
    moment = {"type": "string", "description": "How long after now: 0d, 2h, 3d"}
    happening = {"at": moment, "by": {"type": "string"}, **dict.fromkeys(cases.HAPPENINGS, anything)}
    times = dict.fromkeys(("at", "by", "after", "before"), moment)
    expect = {**dict.fromkeys(cases.EXPECT_KEYS, anything), **times, "stage": {"enum": sorted(Stage)}}
    expect["handed_over"] = {"anyOf": [_known(known.teams), {"const": True}]}
    return _table(
        {
            "name": {"type": "string", "description": "What the test shows."},
            "given": _table(given, cases.GIVEN_KEYS, ("now",)),
            "when": _many(_table(happening, cases.HAPPENING_KEYS, ("at",))),
            "expect": _many(_table(expect, cases.EXPECT_KEYS)),
        },
        cases.CASE_KEYS,
        ("name", "given", "expect"),
    )
