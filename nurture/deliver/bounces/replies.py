"""Told apart from what people write: auto-replies (RFC 3834), reports of bounces, complaints."""

from __future__ import annotations

import re

from nurture.deliver.bounces.mail import ReturnedMail

_PREFIXES = r"^\W*(?:(?:re|aw|fwd?|sv|antw|rv|tr|vs|odp|rif)\s*:\s*)*\W*"
_AUTO_BEGINNING = (
    # English
    r"auto(?:matic|mated|mat)?[ -]?(?:reply|response|responder|answer|respond)",
    r"auto ?:|on (?:vacation|holiday|leave)\b",
    r"i am (?:away|on|out)|i'm (?:away|on|out)|away from",
    r"vacation (?:reply|response|message|notice)|absence\b|absent\b",
    # German, Dutch, the north
    r"automatische (?:antwort|reactie|beantwoording)|automatisch antwoord|abwesen|ferienabwesen|urlaub",
    r"afwezig|ik ben (?:op|met) (?:vakantie|verlof)|nicht im",
    r"autosvar|automatisk(?:t)? svar|fr[åa]nvar|frav[æe]r",
    r"automaattinen vastaus|poissa",
    # The south
    r"r[ée]ponse automatique|message d'absence|en cong[ée]s?|respuesta autom[áa]tica|ausente|ausencia",
    r"risposta automatica|fuori (?:ufficio|sede)|assente",
    r"resposta autom[áa]tica|aus[êe]ncia|r[ăa]spuns automat",
    # The east
    r"odpowied[źz] automatyczna|automatyczna odpowied|autoodpowied|nieobecno",
    r"automatick[áa] odpov|nep[řr][íi]tom|automatikus v[áa]lasz",
    r"автоответ|автоматический ответ|αυτόματη απάντηση|otomatik yan[ıi]t",
    r"自動返信|自動回覆|自动回复|自动答复|不在",
)
_AUTO_ANYWHERE = (
    r"out[ -]of[ -](?:the )?office|\bOoO\b|autoreply|auto-reply|fuera de (?:la )?oficina|fora do escrit"
)
_AUTO_SUBJECT = re.compile(
    f"{_PREFIXES}(?:{'|'.join(_AUTO_BEGINNING)})|{_AUTO_ANYWHERE}",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|not deliver|non-?deliver|returned (?:to sender|mail|message)|return(?:ing|ed) (?:message|"
    r"mail)|failure notice|mail failure"
    r"|deliver\w* (?:status|fail|problem|error|report|notification|unsuccess|incomplete|has|delay|to)|"
    r"(?:mail|message|e-?mail) (?:delivery|system error|"
    r"could not|can(?:not|'t) be|undeliver|failure|status)|(?:fail\w*|error|problem|warning|unable|could "
    r"not).{0,30}(?:deliver|send|mail)|delayed mail|bounce"
    r"|unzustellbar|onbestelbaar|non recapitabile|nie można dostarczyć"
    r"|non remis|[ée]chec de (?:la )?remise|no se puede entregar|no entregado|"
    r"mancato recapito|impossibile recapitare|não entregue|配信|送信.{0,6}(?:エラー|失敗|でき)"
    r"|non_remis|blocked by our|^message frozen|in forwarding or filtering"
    r"|エラー|退信|系统退信|недостав|rejected (?:message|mail)|mail error|spam rejected|loop alert|"
    r"delivery|user unknown|your message to .{0,60}(?:awaits|could|was)",
    re.IGNORECASE,
)
_QUOTED_REPLY = re.compile(r"^ *[45]\d\d[ -]", re.MULTILINE)
_MANAGER_SUBJECT = re.compile(
    r"not member|is rejected|reject mail|security alert|system error|loop (?:alert|back)|from loop",
    re.IGNORECASE,
)
_LISTED = re.compile(r"^ {0,20}<[^<>\s]{1,64}@[^<>\s]{1,255}>: *$", re.MULTILINE)
_ANSWER = re.compile(r"\s*(?:re|aw|antw|sv|vs|odp|rif|ynt)\s*:", re.IGNORECASE)
_DAEMON = re.compile(
    # Some programs name nobody at all.
    r"^<?>?$"
    r"|mailer-?daemon|post[\s_.-]*master|mail[- ]?daemon|mail delivery (?:sub)?system|mail administrator|"
    r"mdaemon|mail (?:delivery )?service|delivery subsystem|mailsweeper|symantec_?antivirus|double-bounce|"
    r"ml-?(?:admin|manager)",
    re.IGNORECASE,
)
_BOUNCE_WORDS = re.compile(
    r"(?:could|can)(?: ?not|'t) be (?:delivered|sent)|(?:was|were|been) (?:not|unable to) (?:be )?deliver|"
    r"(?:unable|not able|failed|failure|trying) to deliver|undeliver|delivery (?:to .{0,80})?(?:failed|"
    r"has failed|failure|status)"
    r"|permanent(?:ly)? (?:error|fail|fatal)|error message below|requested action|(?:invalid|unknown|no "
    r"such|not a valid) user"
    r"|user unknown|duplicated message-id|did not reach|returned to (?:sender|you)|wasn't "
    r"(?:able to|delivered)|rejected|has been (?:delayed|returned|rejected)|not delivered|not be delivered"
    r"|transcript of session|mail delivery|送信できません|届き?ませんでした|配信できません|配送|\b5\d\d[ "
    r"-]\d?\.?\d?\.?\d?",
    re.IGNORECASE,
)
_ABUSE_SUBJECT = re.compile(
    r"^complaint about message from|(?:abuse|spam|complaint|feedback) report\b|client tos notification|"
    r"^this is spam",
    re.IGNORECASE,
)
"""Feedback loops that are older than RFC 5965: Hotmail's, AOL's."""

_DELAY_WORDS = re.compile(
    r"warning message only|not yet been delivered|not yet received your message|has been delayed|is "
    r"delayed for|will be retried|do not need to resend"
    r"|delivery attempts will continue|will (?:continue|keep) trying|notification \(delay\)|^warning: "
    r"message .{0,40}delayed"
    r"|delivery delayed|delayed mail|still (?:being retried|in the queue)|transient non-?fatal|could not "
    r"send message for past",
    re.IGNORECASE,
)
_ABUSE_WORDS = re.compile(
    r"this is an? (?:\w+ )?(?:e-?mail )?(?:abuse|spam|complaint) report|abuse report (?:for|about) an? "
    r"(?:e-?mail )?message|feedback-type:"
    r"|sent this email to unsubscribe from the message",
    re.IGNORECASE,
)


def is_auto_reply(mail: ReturnedMail) -> bool:
    """Whether a program answered for a person: RFC 3834, section 5, and what is older than it."""
    headers = mail.headers
    submitted = headers.get("auto-submitted", "no").split(";")[0].split("(")[0].strip().lower()
    if submitted not in ("no", ""):
        return True
    marks = (
        "x-autoreply",
        "x-autorespond",
        "x-auto-reply-from",
        "x-autoresponder",
        "x-vacation",
        "x-mail-autoreply",
        "x-autogenerated",
        "x-apple-action",
    )
    if any(name in headers for name in marks):
        return True
    suppressed = headers.get("x-auto-response-suppress", "").lower()
    if headers.get("precedence", "").strip().lower() in ("auto_reply", "auto-reply", "autoreply"):
        return True
    subject = headers.get("subject", "")
    if _AUTO_SUBJECT.search(subject):
        return True
    return "oof" in suppressed and "autoreply" in suppressed and "automat" in subject.lower()


def has_auto_subject(mail: ReturnedMail) -> bool:
    """Whether the subject alone says that nobody is there."""
    return bool(_AUTO_SUBJECT.search(mail.headers.get("subject", "")))


def looks_returned(mail: ReturnedMail) -> bool:
    """Whether a mail without a delivery status is a report of a bounce all the same: by two signs of five."""
    headers = mail.headers
    # What was read, or deleted unread, is reported in the same way (RFC 8098).
    kind = headers.get("content-type", "").lower()
    is_report = kind.startswith("multipart/report") and "disposition-notification" not in kind
    if "x-failed-recipients" in headers or is_report:
        return True
    subject = headers.get("subject", "")
    is_answer = bool(_ANSWER.match(subject))
    is_answering = is_answer and ("in-reply-to" in headers or "references" in headers)
    if is_answering and not _QUOTED_REPLY.search(mail.notice):
        # Apache James answers like a person, but for what it quotes.
        return False
    # An empty envelope is for reports and for auto-replies alike (RFC 3834, section 3.3).
    is_automatic = is_auto_reply(mail)
    from_nobody = has_empty_envelope(mail) and not is_automatic
    # fml, a manager of mailing lists, names itself; what it refuses, it says in the subject.
    by_manager = "x-mlserver" in headers
    if by_manager and _MANAGER_SUBJECT.search(subject):
        return True
    by_daemon = bool(_DAEMON.search(headers.get("from", ""))) or from_nobody or by_manager
    by_subject = bool(_BOUNCE_SUBJECT.search(subject)) and not is_answer
    if is_automatic and not by_daemon and not by_subject:
        # Somebody who is away, whatever they quote of the mail that they answer.
        return False
    by_words = bool(_BOUNCE_WORDS.search(mail.notice))
    with_headers = "received" in mail.original or "return-path" in mail.original
    by_list = bool(_LISTED.search(mail.notice))
    return by_daemon + by_subject + by_words + with_headers + by_list >= 2


def has_empty_envelope(mail: ReturnedMail) -> bool:
    """Whether nobody is to be told if it cannot be delivered: so programs write (RFC 5321, section 4.5.5)."""
    return mail.headers.get("return-path", "?").strip() in ("<>", "")


def looks_complaining(mail: ReturnedMail) -> bool:
    """Whether a mail without a feedback report is a complaint all the same."""
    if "x-apple-unsubscribe" in mail.headers or "feedback-report" in mail.headers.get("content-type", ""):
        # What iCloud writes for somebody who asks it to unsubscribe them; a report that cannot be read.
        return True
    by_subject = _ABUSE_SUBJECT.search(mail.headers.get("subject", "")) and mail.original
    return bool(by_subject or _ABUSE_WORDS.search(mail.notice[:4_000]))


def says_delayed(mail: ReturnedMail) -> bool:
    """Whether a report without a delivery status says that the mail is still being tried."""
    return bool(_DELAY_WORDS.search(f"{mail.headers.get('subject', '')}\n{mail.notice}"))
