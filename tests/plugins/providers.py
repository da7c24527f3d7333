"""Providers that tell of mails, with keys of their own: what they post is signed as the real ones sign it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from nurture import FeedbackDelayed
from plugins import amazon_ses, postmark, sendgrid
from plugins.mailgun.hook import MailgunHook
from plugins.resend.hook import ResendHook

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
Call = tuple[Mapping[str, str], bytes]

TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem"
SUBSCRIBE = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t0k3n"


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@dataclass
class Sns:
    """Amazon SNS with a key of its own; `asked` are the addresses that were fetched from it."""

    key: rsa.RSAPrivateKey = field(default_factory=rsa_key)
    valid_from: datetime = NOW - timedelta(days=30)
    away: bool = False
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if self.away:
            raise FeedbackDelayed("SNS cannot be reached")
        return self.certificate() if url.endswith(".pem") else b"<ConfirmSubscriptionResponse/>"

    def certificate(self) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(self.valid_from)
            .not_valid_after(self.valid_from + timedelta(days=365))
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)

    def hook(self) -> amazon_ses.AmazonSes:
        return amazon_ses.AmazonSes(amazon_ses.Options(topics=(TOPIC,)), self.fetch, lambda: NOW)

    def call(self, message: object, version: str = "2", **changed: str | None) -> Call:
        """A signed call around `message`; `changed` replaces fields before it is signed, None leaves out."""
        fields: dict[str, str | None] = {
            "Type": "Notification",
            "MessageId": "8e1bd40b-7d57-5ab4-9d86-e1b8c1fa3e02",
            "TopicArn": TOPIC,
            "Message": message if isinstance(message, str) else json.dumps(message),
            "Timestamp": "2026-03-02T09:29:58.123Z",
            "SignatureVersion": version,
            "SigningCertURL": CERTIFICATE,
            **changed,
        }
        fields = {name: value for name, value in fields.items() if value is not None}
        names = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
        text = "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields)
        algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), algorithm)
        fields["Signature"] = base64.b64encode(signature).decode()
        return {"x-amz-sns-message-type": str(fields["Type"])}, json.dumps(fields).encode()

    def confirmation(self, **changed: str | None) -> Call:
        given = {"Type": "SubscriptionConfirmation", "Token": "t0k3n", "SubscribeURL": SUBSCRIBE, **changed}
        return self.call("You have chosen to subscribe to the topic", **given)


def ses_mail(message_id: str = "<1@example.com>", **more: Any) -> dict[str, Any]:
    return {
        "timestamp": "2026-03-02T09:29:00.000Z",
        "messageId": "0102017f-ses",
        "source": "hello@example.com",
        "destination": ["reader1@example.com"],
        "headersTruncated": False,
        "headers": [{"name": "Subject", "value": "Hi"}, {"name": "Message-ID", "value": message_id}],
        **more,
    }


def ses_bounce(
    bounced: str = "reader1@example.com", kind: str = "Permanent", sub: str = "General", **recipient: str
) -> dict[str, Any]:
    return {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": sub,
            "bouncedRecipients": [{"emailAddress": bounced, "action": "failed", **recipient}],
            "timestamp": "2026-03-02T09:29:30.000Z",
            "feedbackId": "0102017f-feedback",
        },
        "mail": ses_mail(),
    }


# --- Postmark ---------------------------------------------------------------------------------------

PASSWORD = "a long password"


def postmark_hook() -> postmark.Postmark:
    return postmark.Postmark(postmark.Options(password=PASSWORD))


def postmark_call(event: object, password: str = PASSWORD) -> Call:
    pair = base64.b64encode(f"nurture:{password}".encode()).decode()
    return {"authorization": f"Basic {pair}"}, json.dumps(event).encode()


def postmark_bounce(**changed: Any) -> dict[str, Any]:
    return {
        "RecordType": "Bounce",
        "ID": 692560173,
        "Type": "HardBounce",
        "TypeCode": 1,
        "MessageID": "2c1b63fe-43f2-4db5-91b0-8bdfa44a9316",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        "Email": "reader1@example.com",
        "From": "hello@example.com",
        "BouncedAt": "2026-03-02T10:29:30.9429231+01:00",
        "Tag": None,
        **changed,
    }


# --- SendGrid ---------------------------------------------------------------------------------------


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_key(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


def sendgrid_hook() -> sendgrid.SendGrid:
    return sendgrid.SendGrid(sendgrid.Options(public_key=public_key(ec_key())), NOW.timestamp)


def sendgrid_call(events: object, at: datetime = NOW, key: ec.EllipticCurvePrivateKey | None = None) -> Call:
    body = (json.dumps(events) + "\r\n").encode()
    timestamp = str(int(at.timestamp()))
    signature = (key or ec_key()).sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "x-twilio-email-event-webhook-timestamp": timestamp,
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
    }, body


def sendgrid_event(event: str = "bounce", **changed: Any) -> dict[str, Any]:
    return {
        "email": "reader1@example.com",
        "timestamp": int(NOW.timestamp()) - 30,
        "smtp-id": "<1@example.com>",
        "event": event,
        "sg_event_id": f"event-{event}",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        **changed,
    }


# --- Mailgun ----------------------------------------------------------------------------------------

SIGNING_KEY = "key-of-mailgun"


def mailgun_hook() -> MailgunHook:
    return MailgunHook(SIGNING_KEY, NOW.timestamp)


def mailgun_call(event: object, at: datetime = NOW, token: str = "token-1", key: str = SIGNING_KEY) -> Call:
    timestamp = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    signed = {"timestamp": timestamp, "token": token, "signature": signature}
    return {}, json.dumps({"signature": signed, "event-data": event}).encode()


def mailgun_event(event: str = "failed", **changed: Any) -> dict[str, Any]:
    return {
        "event": event,
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "timestamp": NOW.timestamp() - 30.25,
        "severity": "permanent" if event == "failed" else None,
        "reason": "bounce" if event == "failed" else None,
        "recipient": "reader1@example.com",
        "delivery-status": {"code": 550, "message": "5.1.1 no such user here", "description": None},
        "message": {"headers": {"message-id": "1@example.com", "to": "reader1@example.com"}},
        **changed,
    }


# --- Resend -----------------------------------------------------------------------------------------

WEBHOOK_KEY = b"a key of thirty-two octets, 32!!"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(WEBHOOK_KEY).decode()


def resend_hook() -> ResendHook:
    return ResendHook(WEBHOOK_SECRET, NOW.timestamp)


def resend_call(event: object, at: datetime = NOW, key: bytes = WEBHOOK_KEY) -> Call:
    body = json.dumps(event).encode()
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(key, f"msg_1.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "svix-id": "msg_1",
        "svix-timestamp": timestamp,
        "svix-signature": "v1,b2xk v1," + base64.b64encode(digest).decode(),
    }, body


def resend_event(event: str = "email.bounced", tags: object = None, **data: Any) -> dict[str, Any]:
    return {
        "type": event,
        "created_at": "2026-03-02T09:29:30.000Z",
        "data": {
            "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
            "from": "Studio <hello@example.com>",
            "to": ["reader1@example.com"],
            "subject": "Hi",
            "tags": [{"name": "nurture_mail", "value": "1"}] if tags is None else tags,
            **data,
        },
    }


def resend_bounce(kind: str = "Permanent", sub: str = "General", *words: str) -> dict[str, Any]:
    told = {"type": kind, "subType": sub, "message": "It bounced.", "diagnosticCode": list(words)}
    return resend_event(bounce=told)
