"""Messages of Amazon SNS: whether SNS has signed them, and how a subscription is confirmed.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import base64
import re
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from nurture import FeedbackDelayed, FeedbackError, UtcTime, parse_json

OLDEST = timedelta(days=1)
"""How old a message may be: SNS gives up on a delivery after an hour at most."""

AHEAD = timedelta(minutes=5)
"""How far clocks may differ."""

_HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}
"""The fields that each kind of message signs, in order."""

_TOPIC = re.compile(r"arn:aws(?:-cn|-us-gov)?:sns:([a-z0-9-]+):\d{12}:[\w.-]+")
_HOST = re.compile(r"sns\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")


class Envelope(BaseModel):
    """What SNS posts around a message."""

    model_config = ConfigDict(alias_generator=to_pascal)

    type: str
    message_id: str
    topic_arn: str
    message: str
    timestamp: str
    signature_version: str
    signature: str
    signing_cert_url: str = Field(alias="SigningCertURL")
    subject: str | None = None
    token: str | None = None
    subscribe_url: str | None = Field(default=None, alias="SubscribeURL")

    def signed_text(self) -> bytes:
        """The text that is signed: names and values, a line each; a subject only where there is one."""
        values = self.model_dump(by_alias=True)
        names = [name for name in _SIGNED[self.type] if values[name] is not None]
        return "".join(f"{name}\n{values[name]}\n" for name in names).encode()


class Certificates:
    """SNS's certificates by address: it uses each for months, so each is fetched once."""

    AT_MOST = 16

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch
        self._known: OrderedDict[str, x509.Certificate] = OrderedDict()

    def get(self, url: str) -> x509.Certificate:
        """Raised when it cannot be had now: FeedbackDelayed; when it is none: FeedbackError."""
        known = self._known.get(url)
        if known is not None:
            return known
        try:
            certificate = x509.load_pem_x509_certificate(self._fetch(url))
        except ValueError as error:
            raise FeedbackError("the signing certificate cannot be read") from error
        self._known[url] = certificate
        while len(self._known) > self.AT_MOST:
            self._known.popitem(last=False)
        return certificate


def verify(envelope: Envelope, topics: Collection[str], certificates: Certificates, now: datetime) -> None:
    """Whether SNS has signed `envelope`, lately, for one of `topics`. Raised when not: FeedbackError."""
    if envelope.type not in _SIGNED:
        raise FeedbackError("no message of a type that SNS has")
    if envelope.topic_arn not in topics:
        raise FeedbackError("the topic is none of plugin.amazon_ses.topics")
    _check_address(envelope.signing_cert_url, envelope.topic_arn, path=r"/[\w-]+\.pem")
    digest = _HASHES.get(envelope.signature_version)
    if digest is None:
        raise FeedbackError(f"signature version {envelope.signature_version!r} is not known: 1 and 2 are")
    certificate = certificates.get(envelope.signing_cert_url)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise FeedbackError("the signing certificate is not valid at this time")
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise FeedbackError("the signing certificate has no RSA key")
    try:
        signature = base64.b64decode(envelope.signature, validate=True)
        key.verify(signature, envelope.signed_text(), padding.PKCS1v15(), digest())
    except (ValueError, InvalidSignature) as error:
        raise FeedbackError("the signature is wrong") from error
    if not now - OLDEST <= parse_json(UtcTime, f'"{envelope.timestamp}"') <= now + AHEAD:
        raise FeedbackError(f"the message is of {envelope.timestamp}: too long ago, or yet to come")


def confirm(envelope: Envelope, fetch: Callable[[str], bytes]) -> None:
    """Goes to the address that confirms a subscription; call it with what is verified only."""
    url = envelope.subscribe_url or ""
    _check_address(url, envelope.topic_arn, path=r"/")
    fetch(url)


def _check_address(url: str, topic: str, path: str) -> None:
    """Only SNS itself, in the topic's own region, is asked for anything."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FeedbackError("an address in the message is none") from error
    host, region = _HOST.fullmatch(parts.netloc), _TOPIC.fullmatch(topic)
    theirs = host is not None and region is not None and host[1] == region[1]
    if parts.scheme != "https" or port is not None or not theirs or not re.fullmatch(path, parts.path):
        raise FeedbackError("an address in the message does not lead to SNS in the topic's region")


def get_https(url: str) -> bytes:
    """What stands at an address, no redirect followed. Raised when it cannot be had: FeedbackDelayed."""
    try:
        answer = httpx.get(url, timeout=10)
    except httpx.HTTPError as error:
        raise FeedbackDelayed(f"SNS cannot be reached: {error}") from error
    if answer.status_code != 200:
        raise FeedbackDelayed(f"SNS answered {answer.status_code} at {urlsplit(url).hostname}")
    return answer.content
