"""The public addresses, described as OpenAPI, and what schemathesis makes of the description: requests that
keep to it and requests that do not, none of which may be an error of ours.

The description is written for this test: the public application publishes none. `NURTURE_FUZZ_EXAMPLES=500`
tries that many for each operation.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok

from bench.fuzz_requests import SITE, kinds
from tests.handover.world import SIGNER
from tests.web.world import Client

EXAMPLES = int(os.environ.get("NURTURE_FUZZ_EXAMPLES", "6"))
FORM, JSON, MULTIPART, TEXT = (
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data",
    "text/plain",
)
ANY, STARTS = "/{start}/{last}", ["u", "p", "y", "h", "f", "hooks"]
WORD: Mapping[str, Any] = {"type": "string"}
DAY: Mapping[str, Any] = {"type": "string", "format": "date"}


def described(path: str, fields: Mapping[str, Any], *media_types: str, shows: bool = True) -> dict[str, Any]:
    """An address where fields are posted; one that shows something can be asked for too."""
    schema = {"type": "object", "properties": fields, "required": sorted(fields)[:1]}
    said = [{"name": name, "in": "header", "schema": WORD} for name in ("Accept-Language", "User-Agent")]
    places = [
        {"name": name, "in": "path", "required": True, "schema": words}
        for name, words in (("start", {"enum": STARTS}), ("last", WORD))
        if f"{{{name}}}" in path
    ]
    asked = {"parameters": [*said, *places], "responses": {"200": {"description": "done"}}}
    body = {"required": True, "content": {each: {"schema": schema} for each in media_types}}
    return {path: {"post": {**asked, "requestBody": body}, **({"get": asked} if shows else {})}}


def document() -> dict[str, Any]:
    """The addresses at which anything is posted: with good tokens, and with any."""
    known = kinds(SIGNER, 3)
    at = {kind: one.paths[0].decode() for kind, one in known.items()}
    choice = {"type": "string", "enum": ["all", "weekly", "monthly"]}
    preferences = {"frequency": choice, "save": WORD, "shown.marketing": WORD, "want.marketing": WORD}
    answer = {"answer": {"type": "string", "enum": ["accepted", "rejected"]}, "reason": WORD, "note": WORD}
    person = {"email": {"type": "string", "format": "email"}, "name": WORD, "_next": WORD, "_id": WORD}
    nested = {**person, "more": {"type": "object"}, "wishes": {"type": "array", "items": {}}}
    kind = {"type": "string", "enum": ["Bounce", "SpamComplaint", "Delivery", "SubscriptionChange"]}
    when = {"type": "string", "format": "date-time"}
    event = {"RecordType": kind, "ID": {"type": "integer"}, "Type": WORD, "Email": WORD, "BouncedAt": when}
    visitor = known["beacon"].bodies[0].split(b'"')[3].decode()
    visit = {"visitor": {"enum": [visitor, "x", 1]}, "url": {"enum": [f"{SITE}/prices", "https://[::1", ""]}}
    paths = {
        **described(at["unsubscribe"], {"List-Unsubscribe": WORD}, FORM, MULTIPART),
        **described(at["preferences"], preferences, FORM, MULTIPART),
        **described(at["confirm"], {"confirm": WORD}, FORM, MULTIPART),
        **described(at["answer"], answer, FORM, MULTIPART),
        **described(at["form"], nested, JSON, FORM, MULTIPART, shows=False),
        **described(at["hook"], event, JSON, shows=False),
        **described(at["beacon"], visit, JSON, TEXT, shows=False),
        **described("/api/handovers/1/answer", {**answer, "need": WORD, "until": DAY}, JSON, shows=False),
        **described(ANY, {"any": WORD}, FORM, shows=False),
    }
    return {"openapi": "3.1.0", "info": {"title": "public addresses", "version": "1"}, "paths": paths}


def tried(client: Client, operation: Any) -> Counter[int]:
    """How often which status came; every answer is checked."""
    seen: Counter[int] = Counter()
    known = {"/hooks/": "hook", "/api/": "api"}
    ours = (kinds(SIGNER)[one].header.decode() for start, one in known.items() if start in operation.path)
    headers = dict(header.split(": ", 1) for header in ours)

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of([operation.as_strategy(mode) for mode in GenerationMode]))
    def run(case: Case[Any]) -> None:
        answer = case.call_and_validate(
            base_url=client.address, headers=headers, checks=[not_a_server_error], allow_redirects=False
        )
        seen[answer.status_code] += 1

    run()
    return seen


@pytest.mark.timeout(60 + EXAMPLES)
def test_nothing_that_a_description_allows_or_forbids_is_an_error_of_ours(peopled: Client) -> None:
    schema = schemathesis.openapi.from_dict(document())
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(operations) == schema.statistic.operations.total
    seen = {one.label: tried(peopled, one) for one in operations}
    # It says something only of pages that were reached; few made-up bodies are what a provider would post.
    missed = [label for label, statuses in seen.items() if min(statuses) >= 400 and ANY not in label]
    assert not [label for label in missed if "/hooks/" not in label]
