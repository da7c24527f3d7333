"""The lists that the demo's people are made of: names, towns and trades of four countries, all ordinary.

No address made of them can reach anybody: companies live under `.example` (RFC 2606), and the free-mail
addresses have a hyphen, which those providers do not give out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in text.split(","))


@dataclass(frozen=True, slots=True)
class Country:
    """What people of one country are called and where they live.

    `phone` is a mobile number with a place for its last digits, in the country's own way of writing.
    """

    code: str
    language: str
    name: str
    phone: str
    calling_code: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    towns: tuple[str, ...]


NETHERLANDS = Country(
    code="NL",
    language="nl",
    name="Nederland",
    phone="061234{:04}",
    calling_code="31",
    first_names=_listed(
        """
        Anneke, Bart, Carlijn, Daan, Eline, Femke, Gijs, Hanneke, Ilse, Jeroen, Karin, Lotte,
        Maarten, Noor, Otto, Petra, Ruben, Sanne, Teun, Ursula, Vera, Wouter, Yvonne, Zoë, René,
        Thérèse, Mehmet, Fatima, Naoufal, Priya, Loïs, Marieke
        """
    ),
    last_names=_listed(
        """
        de Boer, Jansen, van den Berg, Visser, Smit, Mulder, de Groot, Bos, Vos, Peters, Hendriks,
        van Dijk, Dekker, Brouwer, de Wit, Dijkstra, Kuipers, van Vliet, Postma, Schouten, van 't
        Hof, Kramer, Willems, Özdemir, El Amrani, Groothuis, Ruiter, Coëlho
        """
    ),
    towns=_listed(
        """
        Utrecht, Zwolle, Breda, Alkmaar, Nijmegen, Deventer, Leiden, Gouda, Assen, Roermond, Hoorn,
        Middelburg, Den Helder, Amersfoort, Doetinchem, Sneek
        """
    ),
)

BELGIUM = Country(
    code="BE",
    language="nl",
    name="België",
    phone="047012{:04}",
    calling_code="32",
    first_names=_listed(
        """
        Joke, Stijn, Griet, Pieter, Liesbeth, Koen, An, Wim, Hilde, Jef, Elke, Dries, Nele, Bram
        """
    ),
    last_names=_listed(
        """
        Peeters, Maes, Claes, Wouters, De Smet, Goossens, Vermeulen, Van Damme, Lemmens, Aerts,
        Verhaegen, D'hondt
        """
    ),
    towns=_listed(
        """
        Gent, Leuven, Mechelen, Hasselt, Brugge, Aalst, Turnhout
        """
    ),
)

GERMANY = Country(
    code="DE",
    language="en",
    name="Duitsland",
    phone="01713920{:03}",
    calling_code="49",
    first_names=_listed(
        """
        Jürgen, Anja, Björn, Sabine, Uwe, Katrin, Jörg, Heike, Stefan, Ulrike
        """
    ),
    last_names=_listed(
        """
        Müller, Schäfer, Weiß, Krüger, Hoffmann, Böhm, Lange, Köhler, Jäger, Vogel
        """
    ),
    towns=_listed(
        """
        Kleve, Münster, Aachen, Emden, Köln, Bocholt
        """
    ),
)

BRITAIN = Country(
    code="GB",
    language="en",
    name="United Kingdom",
    phone="07700900{:03}",
    calling_code="44",
    first_names=_listed(
        """
        Alice, Tom, Harriet, George, Megan, Oliver, Fiona, Callum, Imogen, Rhys
        """
    ),
    last_names=_listed(
        """
        Baker, Walker, Hughes, Campbell, Thompson, Price, Shaw, Bennett, O'Neill
        """
    ),
    towns=_listed(
        """
        Norwich, Bath, Leeds, York, Exeter, Stirling
        """
    ),
)

TRADES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "nl": (
        ("Bakkerij {last}", "webshop"),
        ("Fysiotherapie {last}", "website"),
        ("Installatiebedrijf {last}", "website"),
        ("Bloemen van {first}", "webshop"),
        ("Fietsen {town}", "webshop"),
        ("Schilderwerken {last}", "website"),
        ("Kaashandel {last}", "webshop"),
        ("Praktijk {last}", "website"),
        ("Hoveniers {last}", "website"),
        ("Boekhandel {town}", "webshop"),
        ("Kapsalon {first}", "website"),
        ("Meubelmakerij {last}", "website"),
        ("Wijnkoperij {last}", "webshop"),
        ("Administratiekantoor {last}", "website"),
        ("Atelier {first}", "webshop"),
        ("Rijschool {last}", "website"),
        ("Dierenspeciaalzaak {town}", "webshop"),
        ("Notariaat {town}", "website"),
        ("Koffiebranderij {town}", "webshop"),
        ("Timmerfabriek {last}", "website"),
    ),
    "en": (
        ("{last} Joinery", "website"),
        ("{town} Cycles", "webshop"),
        ("The {last} Bakery", "webshop"),
        ("{last} & Partners", "website"),
        ("{first}'s Flowers", "webshop"),
        ("{town} Physio", "website"),
        ("{last} Gardens", "website"),
        ("{town} Tea Company", "webshop"),
        ("{last} Heating", "website"),
        ("{first} {last} Pottery", "webshop"),
    ),
}
"""What companies are called, by language, and what such a company is most likely looking for."""

GOALS: Mapping[str, tuple[str, ...]] = {
    "nl": (
        "meer aanvragen",
        "online verkopen",
        "oude site vervangen",
        "beter gevonden worden",
        "nieuwe huisstijl",
    ),
    "en": ("more enquiries", "sell online", "replace the old site", "be found more easily", "a new look"),
}

REMARKS: Mapping[str, tuple[str, ...]] = {
    "nl": (
        "Onze site is van 2014 en werkt niet op een telefoon.",
        "Bellen kan het best na vier uur.",
        "Graag eerst wat voorbeelden; we twijfelen nog.",
        "Kan de site ook in het Duits?",
        "Wij hebben zelf al foto's.",
        "Mijn neef heeft de vorige gemaakt, die heeft geen tijd meer.",
        "Koppeling met de kassa is belangrijk.",
    ),
    "en": (
        "Our site dates from 2014 and does not work on a phone.",
        "Best to call after four.",
        "Some examples first, please; we are not sure yet.",
        "Could the site be in German too?",
        "It has to talk to our till.",
    ),
}
