"""The words of the public pages, in the languages that they speak."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "400.title": "That did not come across",
        "400.text": "What was sent could not be read. Please go back and try again.",
        "404.title": "There is nothing here",
        "404.text": "The address is incomplete or was changed. Please use the link in the mail once more.",
        "405.title": "That cannot be done here",
        "405.text": "This address does not take that kind of request.",
        "409.title": "This was answered already",
        "409.text": "Somebody answered this hand-over before.",
        "410.title": "This link has expired",
        "410.text": "Too much time has passed. Please answer this hand-over in Nurture itself.",
        "413.title": "That is too much at once",
        "413.text": "What was sent is larger than we can take.",
        "500.title": "Something went wrong on our side",
        "500.text": "We have noted it. Please try again later.",
        "503.title": "We cannot store this just now",
        "503.text": "Please try again in a minute.",
        "unsubscribe.title": "No more of these mails?",
        "unsubscribe.text": "With one press of the button we stop sending you mails of this kind.",
        "unsubscribe.button": "Unsubscribe",
        "unsubscribe.already": "You are unsubscribed already; you need not do anything.",
        "unsubscribed.title": "You are unsubscribed",
        "unsubscribed.text": "We will not send you mails of this kind any more.",
        "form.title": "Thank you",
        "form.text": "We have received what you sent, and will come back to you.",
        "answer.title": "A new prospect for you",
        "answer.why": "Why now",
        "answer.next": "Say next",
        "answer.before": "Please answer before",
        "answer.accept": "Accept",
        "answer.reject": "Reject",
        "answer.reason": "Why not?",
        "answer.note": "A note (not required)",
        "answered.accepted": "Accepted: this one is yours",
        "answered.rejected": "Rejected, thank you",
        "answered.text": "Your answer is stored. It teaches us whom to pass on.",
    },
    "nl": {
        "400.title": "Dat is niet overgekomen",
        "400.text": "Wat is verstuurd, is niet te lezen. Ga terug en probeer het nog eens.",
        "404.title": "Hier is niets",
        "404.text": "Het adres is niet volledig of is veranderd. Gebruik de link in de mail nog eens.",
        "405.title": "Dat kan hier niet",
        "405.text": "Dit adres is daar niet voor bedoeld.",
        "409.title": "Dit is al beantwoord",
        "409.text": "Iemand heeft deze overdracht eerder beantwoord.",
        "410.title": "Deze link is verlopen",
        "410.text": "Er is te veel tijd voorbij. Beantwoord deze overdracht in Nurture zelf.",
        "413.title": "Dat is te veel ineens",
        "413.text": "Wat is verstuurd, is groter dan we kunnen aannemen.",
        "500.title": "Bij ons ging iets mis",
        "500.text": "We hebben het genoteerd. Probeer het later nog eens.",
        "503.title": "We kunnen dit nu niet opslaan",
        "503.text": "Probeer het over een minuut nog eens.",
        "unsubscribe.title": "Geen mails meer zoals deze?",
        "unsubscribe.text": "Eén druk op de knop en we sturen u dit soort mails niet meer.",
        "unsubscribe.button": "Afmelden",
        "unsubscribe.already": "U bent al afgemeld; u hoeft niets meer te doen.",
        "unsubscribed.title": "U bent afgemeld",
        "unsubscribed.text": "We sturen u dit soort mails niet meer.",
        "form.title": "Dank u wel",
        "form.text": "We hebben uw bericht ontvangen en komen bij u terug.",
        "answer.title": "Een nieuwe prospect voor u",
        "answer.why": "Waarom nu",
        "answer.next": "Begin hierover",
        "answer.before": "Antwoord graag voor",
        "answer.accept": "Aannemen",
        "answer.reject": "Afwijzen",
        "answer.reason": "Waarom niet?",
        "answer.note": "Een opmerking (hoeft niet)",
        "answered.accepted": "Aangenomen: deze is van u",
        "answered.rejected": "Afgewezen, dank u wel",
        "answered.text": "Uw antwoord is opgeslagen. Zo leren we wie we moeten doorgeven.",
        "reason.not_now": "Nu niet, later misschien",
        "reason.no_fit": "Past niet bij wat wij bieden",
        "reason.no_budget": "Geen budget",
        "reason.no_authority": "Beslist hier niet over",
        "reason.unreachable": "Niet te bereiken",
        "reason.duplicate": "Kennen we al",
        "reason.spam": "Geen echte aanvraag",
    },
}
"""Language → key → text. What a language lacks is said in the first of these."""


def language_of(locale: str | None, accepted: str = "") -> str:
    """The language to speak: the contact's own, else the first that the browser asks for, else English."""
    wishes = [locale or "", *(part.split(";")[0] for part in accepted.split(","))]
    for wish in wishes:
        language = wish.strip()[:2].lower()
        if language in WORDS:
            return language
    return next(iter(WORDS))
