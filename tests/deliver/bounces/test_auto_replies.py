"""Auto-replies are told from what people write: by RFC 3834, by older marks, by subjects in many tongues."""

from __future__ import annotations

import pytest

from nurture.deliver.bounces.classify import Kind, classify

BY_PROGRAMS = """
Automatic reply: x
Auto: x
Auto-Reply: x
[Auto-Reply] x
Autoreply: Re: x
AutoReply: x
Out of Office AutoReply: x
Out of office
Out of the office: x
Re: x (out of office)
Away from the office
Vacation reply
Vacation Notice: x
On vacation
I am on holiday
Auto response: x
Automated response
Automated reply from x
Automatisch antwoord: x
Automatische Antwort: x
Automatische Antwort
Abwesenheitsnotiz: x
Abwesenheit: x
Abwesend: x
Afwezig: x
Afwezigheidsbericht
Réponse automatique : x
Reponse automatique
Absence du bureau : x
Absent du bureau
Message d'absence
Respuesta automática: x
Fuera de la oficina: x
Risposta automatica: x
Fuori ufficio: x
Resposta automática: x
Ausência: x
Autosvar: x
Automatiskt svar: x
Automatisk svar: x
Automaattinen vastaus: x
Odpowiedź automatyczna: x
Automatická odpověď: x
Автоответ: x
Автоматический ответ: x
自動返信: x
自动回复: x
Otomatik yanıt: x
Αυτόματη απάντηση: x
Automatikus válasz: x
Răspuns automat: x
Nieobecność: x
Ferienabwesenheit
Nicht im Büro: x
Ik ben op vakantie
Urlaubsvertretung: x
""".strip().splitlines()

BY_PEOPLE = """
Re: Automatic door offer
Re: Your new website
Automation project
Absentees report
Re: out-of-pocket costs
Auto insurance website
AW: Ihre Anfrage
Automatisering van ons kantoor
Vacation homes website
Question about delivery
Absolutely interested
Re: Autobahn
""".strip().splitlines()


def kind(subject: str, **headers: str) -> Kind:
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return classify(f"From: an@example.com\nSubject: {subject}\n{more}\nPlease call me.\n".encode()).kind


@pytest.mark.parametrize("subject", BY_PROGRAMS)
def test_a_subject_that_programs_write_is_an_auto_reply(subject: str) -> None:
    assert kind(subject) is Kind.AUTO_REPLY


@pytest.mark.parametrize("subject", BY_PEOPLE)
def test_a_subject_that_people_write_is_none(subject: str) -> None:
    assert kind(subject) is Kind.OTHER


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto_Submitted", "auto-replied"),
        ("Auto_Submitted", "auto-generated (vacation)"),
        ("Precedence", "auto_reply"),
        ("X_Autoreply", "yes"),
        ("X_Autorespond", "Re: x"),
        ("X_Auto_Reply_From", "an@example.com"),
    ],
)
def test_a_mark_in_the_headers_makes_an_auto_reply(name: str, value: str) -> None:
    assert kind("Re: Your new website", **{name: value}) is Kind.AUTO_REPLY


@pytest.mark.parametrize(("name", "value"), [("Auto_Submitted", "no"), ("Precedence", "bulk")])
def test_other_marks_make_none(name: str, value: str) -> None:
    assert kind("Re: Your new website", **{name: value}) is Kind.OTHER
