"""Malformed requests, drawn from a seed: odd methods, paths, versions, headers, encodings and bodies, lengths
that lie, requests that end too soon, and two requests in one.
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nurture.tokens import (
    ANSWER,
    ANSWER_PATH,
    CLICK,
    CLICK_PATH,
    CONFIRM,
    CONFIRM_PATH,
    OPEN,
    OPEN_PATH,
    PREFERENCES,
    PREFERENCES_PATH,
    TRAP,
    TRAP_PATH,
    UNSUBSCRIBE,
    UNSUBSCRIBE_PATH,
    VISIT,
    AnswerFacts,
    LinkFacts,
    OpenFacts,
    Signer,
    UnsubscribeFacts,
    VisitorFacts,
)

SITE = "https://firm.example"
"""The firm's own website, which the server has to know as such (`tracking.sites`)."""

HOOK = "postmark"
HOOK_PASSWORD = "a password of the provider"

API_TOKEN = "a token of the API that nobody guesses"

LINGERS = 1 / 5_000
"""The share of requests that stop short and stay, until the server has had enough of them."""

METHODS = (b"GET", b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE", b"get", b"P-O+S.T")
UNFRAMED_METHODS = (*METHODS, b"CONNECT", b"PRI", b"", b"G\x00T")
VERSIONS = (*[b"HTTP/1.1"] * 20, b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/9", b"")
FORM, JSON = b"application/x-www-form-urlencoded", b"application/json"
MULTIPART_TYPES = (
    b"multipart/form-data; boundary=x",
    b"multipart/form-data",
    b"multipart/form-data; boundary=",
    b'multipart/form-data; boundary="x',
    b"multipart/form-data; boundary=" + b"x" * 500,
    b"multipart/form-data; boundary=\xff",
    b"multipart/mixed; boundary=x",
)
TYPES = (
    FORM,
    JSON,
    *MULTIPART_TYPES,
    b"text/plain;charset=utf-8",
    FORM + b"; charset=utf-16",
    b"application/msgpack",
    b"\xff\xfe",
    b";;=;",
    b"",
)
_PART = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
MULTIPART = (
    _PART % (b"email", b"a@b.nl") + b"--x--\r\n",
    _PART % (b"save", b"") + _PART % (b"shown.marketing", b"1"),
    _PART % (b"\xff\x00", b"\xff\x00") + b"--x--",
    _PART % (b"a", b"b") * 300 + b"--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="\r\n\r\n',
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="../../etc/passwd"\r\n\r\nb\r\n--x--\r\n',
    b"--x\r\nContent-Disposition: form-data; name*=utf-8''%ff%00\r\n\r\nb\r\n--x--\r\n",
    b"--x\r\nContent-Transfer-Encoding: base64\r\n\r\n====\r\n--x--\r\n",
    b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n--x--\r\n",
    b"--x\r\n" + b"A: b\r\n" * 900 + b"\r\n--x--\r\n",
    b"--x\r\nNoColon\r\n\r\n--x--",
    b"--x\n\nb\n--x--\n",
    b"--x--\r\n",
    b"--x" * 700,
    b"\r\n" * 500 + b"--x--",
)
BODIES = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b'{"visitor": "x", "url": 1}',
    b'{"a": "\\ud800"}',
    b'{"a": NaN, "b": 1e999}',
    b'{"a": ' + b"9" * 5_000 + b"}",
    b"[" * 3_000,
    b'{"a":' * 900,
    b"email=a%40b.nl&name=%00%ff",
    b"answer=accepted&note=" + b"%E2%80%A8" * 200,
    b"a=%ed%a0%80&_next=https://[::1&_id=%00",
    b"&" * 2_000,
    b"=" * 2_000,
    b"List-Unsubscribe=One-Click",
    b"\xff\xfe\x00" * 500,
    bytes(range(256)),
    *MULTIPART,
)
HARMLESS = (
    b"Accept-Language: " + b"nl," * 900,
    b"Accept-Language: \xff\xfe;q=x",
    b"Accept-Language: nl;q=1e999,en;q=-1,;;q",
    b"X-Forwarded-For: " + b"::ffff:1," * 300,
    b"X-Forwarded-For: 10.0.0.1%eth0, 999.1.1.1, \xff",
    b"User-Agent: \xf0\x9f\x92\xa9\x80",
    b"User-Agent:",
    b"Cookie: " + b"a=b; " * 900,
    b"Range: bytes=0-18446744073709551616",
    b"Origin: null",
    b"Origin: https://[::1",
    b"Origin: https://firm.example:99999",
    b"Origin: " + SITE.encode(),
    b"Referer: \xff\x80",
    b"Purpose: prefetch",
    b"Sec-Purpose: \xff",
    b"Content-Encoding: gzip",
    b"X-Big: " + b"x" * 20_000,
    b"Authorization: Basic \xff",
)
"""Headers that leave no doubt where a request ends."""

HEADERS = (
    *HARMLESS,
    b"Host: a\r\nHost: b",
    b"Expect: 100-continue",
    b"Connection: upgrade\r\nUpgrade: websocket",
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nContent-Length: 4",
    b"Transfer-Encoding: xchunked",
    b"Content-Length: -1",
    b"Content-Length: 18446744073709551616",
    b"Content-Length: 3\r\nContent-Length: 5",
    b"X: y\r\n folded",
    b"NoColon",
    b": empty",
    b"A\x00B: c",
    b"\r\nGET /smuggled HTTP/1.1\r\nHost: x",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of address: paths whose tokens are good, and what is rightly sent there."""

    paths: tuple[bytes, ...]
    method: bytes = b"POST"
    bodies: tuple[bytes, ...] = ()
    type: bytes = FORM
    header: bytes = b""


@dataclass(frozen=True, slots=True)
class Probe:
    """One request. `framed`: another may follow it on its connection; `lingers`: it stops short and stays."""

    data: bytes
    framed: bool
    lingers: bool = False


def kinds(signer: Signer, contacts: int = 1) -> dict[str, Kind]:
    """Every kind of address, with good tokens of `contacts` contacts who exist, and of one who is gone.

    The contacts, and the mail that each got, are numbered from 1.
    """
    place, everybody = ("new-website", "welcome"), [*range(1, contacts + 1), 2**31]
    opens = [OpenFacts(who, who, *place) for who in everybody]
    whose = [UnsubscribeFacts(who, "marketing", who, *place) for who in everybody]
    visits = [VisitorFacts(who, who, *place, 2**40) for who in everybody]

    def signed(path: str, purpose: str, facts: Sequence[object]) -> tuple[bytes, ...]:
        return tuple(path.format(token=signer.sign(purpose, one)).encode() for one in facts)

    clicks = [LinkFacts(who, who, *place, _LINKS[who % len(_LINKS)]) for who in everybody]
    visitors = signed('{{"visitor": "{token}", "url": ', VISIT, visits)
    told = tuple(one + url for i, one in enumerate(visitors) for url in (_VISITED[0], _VISITED[i % 4]))
    answers = [AnswerFacts(number, expires) for number in (1, 2**31) for expires in (2**40, 1)]
    login = b"Authorization: Basic " + base64.b64encode(f"nurture:{HOOK_PASSWORD}".encode())
    return {
        "click": Kind(signed(CLICK_PATH, CLICK, clicks), b"GET"),
        "open": Kind(signed(OPEN_PATH, OPEN, opens), b"GET"),
        "trap": Kind(signed(TRAP_PATH, TRAP, opens), b"GET"),
        "unsubscribe": Kind(signed(UNSUBSCRIBE_PATH, UNSUBSCRIBE, whose), bodies=_UNSUBSCRIBING),
        "preferences": Kind(signed(PREFERENCES_PATH, PREFERENCES, whose), bodies=_CHOICES),
        "confirm": Kind(signed(CONFIRM_PATH, CONFIRM, whose), bodies=(b"confirm=1", b"")),
        "form": Kind((b"/f/quote", b"/f/contact"), bodies=_FORMS),
        "answer": Kind(signed(ANSWER_PATH, ANSWER, answers), bodies=_ANSWERS),
        "beacon": Kind((b"/b",), bodies=told, type=b"text/plain;charset=UTF-8"),
        "script": Kind((b"/b.js",), b"GET"),
        "hook": Kind((f"/hooks/{HOOK}".encode(),), bodies=_EVENTS, type=JSON, header=login),
        "api": Kind(
            (b"/api/handovers/1/answer", b"/api/handovers/1", b"/api/handovers?limit=5&state=all"),
            bodies=_API_ANSWERS,
            type=JSON,
            header=f"Authorization: Bearer {API_TOKEN}".encode(),
        ),
        "nothing": Kind((b"/",), b"GET"),
    }


_LINKS = (f"{SITE}/prices?a=b#c", "https://elsewhere.example/\u2028é?%00", "https://[::1")
_VISITED = (b'"https://firm.example/prices"}', b'"https://[::1"}', b'"\\ud800"}', b'"\\u0000"}')
_UNSUBSCRIBING = (b"List-Unsubscribe=One-Click", b"")
_CHOICES = (
    b"save=&shown.marketing=1&want.marketing=1&frequency=weekly",
    b"save=&shown.marketing=1&shown.tracking=1&frequency=%00&want.=1&shown.=1",
    b"pause=1&frequency=monthly",
    b"resume=1",
    b"stop=1",
    b"save=" + b"&shown.marketing=%ff" * 900,
)
_FORMS = (
    b"email=a%40b.nl&name=Jan&message=Hello&_next=https://firm.example/thanks",
    b"email=&consent=%00&_id=%ff%fe",
    b'{"email": "a@b.nl", "name": {"first": "\\u0000", "last": ["\\ud800", 1, null]}}',
    b'[{"email": "a@b.nl"}, 1, [], {"": ""}]',
)
_ANSWERS = (b"answer=accepted&note=x", b"answer=rejected&reason=no_budget", b"answer=rejected&reason=%00")
_API_ANSWERS = (
    b'{"answer": "asked", "need": "budget"}',
    b'{"answer": "rejected", "reason": "duplicate", "same_as": "\\u0000%"}',
    b'{"answer": "rejected", "reason": "not_now", "until": "9999-12-31"}',
    b'{"answer": "handed_back", "reason": "spam", "note": "\\ud800"}',
    b'{"answer": "accepted", "by": {"name": []}}',
)
_EVENTS = (
    b'{"RecordType": "Bounce", "ID": 1, "Type": "HardBounce", "Email": "reader7@example.com",'
    b' "BouncedAt": "2026-03-02T10:29:30.9429231+01:00", "Details": "550 5.1.1 no such user"}',
    b'{"RecordType": "Bounce", "ID": -1e400, "Type": "\\ud800", "Email": "\\u0000", "BouncedAt": "9999-99"}',
    b'{"RecordType": "Bounce", "ID": 2, "Type": "Soft", "Email": "a\\u0000@\\u2028",'
    b' "BouncedAt": "0001-01-01T00:00:00+14:00"}',
    b'{"RecordType": "Delivery", "MessageID": "", "Recipient": "@", "DeliveredAt": "2026-03-02T10:29:30Z"}',
    b'{"RecordType": "SubscriptionChange", "Recipient": "reader8@example.com", "SuppressSending": true,'
    b' "ChangedAt": 1e300, "SuppressionReason": "ManualSuppression", "Origin": "Recipient"}',
    b'{"RecordType": {}}',
    *(
        b'{"RecordType": "Bounce", "ID": %d, "Type": "SoftBounce", "Email": "x@y.example",'
        b' "BouncedAt": "2026-03-02T10:29:30Z"}' % number
        for number in range(9)
    ),
)


def drawn(seed: int, kind: Kind, n: int, lingers: float = LINGERS) -> Iterator[Probe]:
    """`n` requests from a seed; a share of them lingers."""
    draw = random.Random(seed)
    return (_probe(draw, kind, lingers) for _ in range(n))


def _probe(draw: random.Random, kind: Kind, lingers: float) -> Probe:
    if draw.random() < lingers:
        whole = _request(draw, kind, framed=True)
        return Probe(whole[: draw.randrange(1, max(whole.find(b"\r\n\r\n"), 2))], framed=False, lingers=True)
    framed = draw.random() < 0.8
    whole = _request(draw, kind, framed=framed)
    if not framed and draw.random() < 0.3:
        whole = _damaged(draw, whole)
    return Probe(whole, framed)


def _request(draw: random.Random, kind: Kind, *, framed: bool) -> bytes:
    """One request, wrong in one way or several; what is framed is right in how it ends."""
    methods = METHODS if framed else UNFRAMED_METHODS
    method = kind.method if draw.random() < 0.7 else draw.choice(methods)
    version = b"HTTP/1.1" if framed else draw.choice(VERSIONS)
    body = b"" if method in (b"GET", b"HEAD") and draw.random() < 0.9 else _body(draw, kind)
    lines = [b" ".join([method, _path(draw, draw.choice(kind.paths)), version])]
    if framed or draw.random() < 0.9:
        lines.append(b"Host: nurture.example")
    lines += draw.sample(HARMLESS if framed else HEADERS, draw.choice((0, 0, 0, 1, 1, 2, 4)))
    if kind.header and draw.random() < 0.9:
        lines.append(kind.header)
    if draw.random() < 0.9:
        lines.append(b"Content-Type: " + (kind.type if draw.random() < 0.5 else draw.choice(TYPES)))
    if framed:
        lines.append(b"Content-Length: %d" % len(body))
    else:
        if draw.random() < 0.8:
            lines.append(b"Content-Length: %d" % (len(body) + draw.choice((0,) * 20 + (-1, 1, 7))))
        lines.append(draw.choice((b"Connection: close", b"Connection: close", b"Connection: keep-alive")))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _body(draw: random.Random, kind: Kind) -> bytes:
    way = draw.random()
    if way < 0.002:
        return b"a=" + b"b" * 300_000
    if way < 0.01:
        deep = draw.choice((100, 500, 900, 940, 960, 980, 1_000))
        return draw.choice(
            (b'{"a":' * deep + b"1" + b"}" * deep, b'{"a":' + b"[" * deep + b"]" * deep + b"}")
        )
    if way < 0.1:
        return draw.randbytes(draw.randrange(200))
    body = draw.choice(kind.bodies if kind.bodies and way < 0.6 else BODIES)
    return _damaged(draw, body) if body and draw.random() < 0.4 else body


def _path(draw: random.Random, path: bytes) -> bytes:
    way = draw.randrange(24)
    at = draw.randrange(len(path) + 1)
    if way == 0:
        odd = (b"%00", b"%ff", b"%2e%2e/", b"%", b"%zz", b"\xff", b"//", b"?", b"%ed%a0%80", b"%2f")
        return path[:at] + draw.choice(odd) + path[at:]
    if way == 1:
        return path[:at] or b"/"
    if way == 2:
        return path + b"?" + bytes(draw.choices(string.printable[:94].encode(), k=40))
    if way == 3:
        return b"http://evil.example" + path
    if way == 4:
        return path + b"x" * draw.choice((1, 1, 1, 100, 5_000, 70_000))
    if way == 5:
        return draw.choice(
            (b"*", b"evil.example:443", b"/../../etc/passwd", b"/c/", b"/o/.gif", b"/%", b"//")
        )
    return path


def _damaged(draw: random.Random, whole: bytes) -> bytes:
    at = draw.randrange(len(whole))
    way = draw.randrange(4)
    if way == 0:
        return whole[:at]
    if way == 1:
        return whole[:at] + draw.randbytes(8) + whole[at:]
    if way == 2:
        return whole.replace(b"\r\n", b"\n") if b"\r\n" in whole else whole[:at] + whole[at + 1 :]
    return whole + whole
