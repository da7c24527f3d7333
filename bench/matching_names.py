"""Names of people, towns and trades of eight countries, the common ones first: what `matching` draws from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in text.split(","))


@dataclass(frozen=True, slots=True)
class Land:
    """How people of one country are called, and how they write. The rarer surnames
    are made of `roots` and `endings`. `phones` are (mobile, landline), with a place
    for the digits behind the country's code."""

    code: str
    first: tuple[str, ...]
    last: tuple[str, ...]
    roots: tuple[str, ...]
    endings: tuple[str, ...]
    towns: tuple[str, ...]
    legal: tuple[tuple[str, ...], ...]
    free_mail: tuple[str, ...]
    ending: str
    phones: tuple[str, str]


LANDS = (
    Land(
        "NL",
        _listed(
            """
            Jan, Peter, Johannes, Anna, Maria, Hendrik, Jaap, Willem, Sanne, Johanna, Pieter, Kees, Thomas,
            Eva, Daan, Lotte, Bram, Lisa, Joris, Femke, Ruben, Anne, Mark, Marieke, Erik, Ingrid, Bas, Noor,
            Tim, Julia, Wouter, Esther, Mohammed, Fatima, Gijs, Karin, Sven, Zoë, Thijs, Yvonne, Rick, Mirjam,
            Arjan, Petra, Jeroen, Hanneke, Maarten, Monique, Frank, Saskia, Jelle, Tessa
            """
        ),
        _listed(
            """
            de Jong, Jansen, de Vries, van den Berg, van Dijk, Bakker, Janssen, Visser, Smit, Meijer, de Boer,
            Mulder, de Groot, Bos, Vos, Peters, Hendriks, van Leeuwen, Dekker, Brouwer, de Wit, Dijkstra,
            Smits, de Graaf, van der Meer, van der Linden, Kok, Jacobs, de Haan, Vermeulen, van den Heuvel,
            van der Veen, van den Broek, de Bruijn, van der Heijden, Schouten, van Beek, Willems, van Vliet,
            Hoekstra, Maas, Verhoeven, Koster, van Dam, Prins, Blom, Huisman, Peeters, Kuipers, van Veen,
            Kuiper, Veenstra, Kramer, van den Brink, Scholten, van Wijk, Postma, Martens, El Amrani, Özdemir,
            Yilmaz, Groen, Gerritsen, Bosman, Wolters, Sanders, Molenaar, van der Wal, Schipper, Zijlstra
            """
        ),
        _listed(
            """
            Veld, Bos, Broek, Hout, Kamp, Berk, Eik, Haver, Koren, Linde, Meer, Molen, Noord, Oost,
            Water, Rozen, Schaap, Steen, Tuin, Vijver, Wester, Zand, Zomer, Winter, Donker, Engel,
            Goud, Hazel, Klaver, Appel, Bruins, Diepen, Elzen, Groot, Heide, Kool, Lammer, Peters,
            Roele, Slot, Teuni, Uiter, Vogel, Wolter
            """
        ),
        _listed(
            """
            ink, huis, kamp, man, stra, sma, meijer, brink, veld, horst, hof, boer, maker, dijk,
            boom, burg, hoven, inga, ens, ema
            """
        ),
        _listed("Amsterdam, Rotterdam, Utrecht, Eindhoven, Groningen, Breda, Zwolle, Leiden, Gouda, Sneek"),
        (("B.V.", "BV", "b.v.", "besloten vennootschap", ""), ("VOF", "V.O.F.", ""), ("N.V.", "NV", "")),
        ("gmail.com", "hotmail.com", "ziggo.nl", "kpnmail.nl", "outlook.com", "xs4all.nl", "live.nl"),
        "nl",
        ("+3161{:07}", "+31205{:06}"),
    ),
    Land(
        "DE",
        _listed(
            """
            Michael, Thomas, Andreas, Peter, Stefan, Sabine, Susanne, Petra, Jürgen, Jörg, Klaus, Wolfgang,
            Hans, Johann, Anna, Christian, Julia, Katharina, Martin, Matthias, Monika, Ursula, Uwe, Günther,
            Björn, Jana, Lukas, Leonie, Felix, Sophie, Tobias, Annika, Jens, Heike, Dirk, Birgit, Ralf, Silke,
            Markus, Nicole, Florian, Anja, Sebastian, Claudia, Mehmet, Ayşe
            """
        ),
        _listed(
            """
            Müller, Schmidt, Schneider, Fischer, Weber, Meyer, Wagner, Becker, Schulz, Hoffmann, Schäfer,
            Koch, Bauer, Richter, Klein, Wolf, Schröder, Neumann, Schwarz, Zimmermann, Braun, Krüger, Hofmann,
            Hartmann, Lange, Schmitt, Werner, Schmitz, Krause, Meier, Lehmann, Schmid, Schulze, Maier, Köhler,
            Herrmann, König, Walter, Mayer, Huber, Kaiser, Fuchs, Peters, Lang, Scholz, Möller, Weiß, Jung,
            Hahn, Schubert, Vogel, Friedrich, Keller, Günther, Frank, Berger, Winkler, Roth, Beck, Lorenz,
            Baumann, Franke, Albrecht, Schuster, Simon, Ludwig, Böhm, Winter, Kraus, Martin, von Stein
            """
        ),
        _listed(
            """
            Acker, Birken, Blumen, Brunn, Buchen, Dorn, Eber, Eichen, Eisen, Erlen, Falken, Feld,
            Gold, Grün, Hasel, Hirsch, Hohen, Holz, Kalten, Kirch, Linden, Löwen, Mühl, Neu, Ober,
            Reh, Rosen, Sand, Schön, Silber, Stein, Tannen, Thal, Unter, Wald, Wasser, Weiden, Wein,
            Wild, Ziegel
            """
        ),
        _listed(
            """
            mann, bauer, meier, berger, hofer, bach, feld, stein, müller, macher, hauser, brandt,
            eder, inger, wirth, thaler, kamp, huber
            """
        ),
        _listed("Berlin, Hamburg, München, Köln, Frankfurt, Düsseldorf, Leipzig, Bremen, Nürnberg, Münster"),
        (
            ("GmbH", "G.m.b.H.", "Gesellschaft mbH", ""),
            ("GmbH & Co. KG", "GmbH & Co KG", "GmbH und Co. KG", "KG"),
            ("AG", ""),
        ),
        ("gmail.com", "web.de", "gmx.de", "t-online.de", "gmx.net", "hotmail.de", "googlemail.com"),
        "de",
        ("+49151{:08}", "+4930{:07}"),
    ),
    Land(
        "GB",
        _listed(
            """
            James, John, David, Robert, William, Mary, Patricia, Michael, Elizabeth, Thomas, Sarah, Emma,
            Oliver, Jack, Harry, George, Charlotte, Emily, Daniel, Andrew, Paul, Mark, Stephen, Karen, Susan,
            Margaret, Richard, Christopher, Matthew, Rachel, Laura, Rebecca, Samuel, Joseph, Alexander, Kate,
            Anthony, Steven, Claire, Helen, Priya, Mohammed, Ian, Fiona, Graham, Alison
            """
        ),
        _listed(
            """
            Smith, Jones, Taylor, Brown, Williams, Wilson, Johnson, Davies, Robinson, Wright, Thompson, Evans,
            Walker, White, Roberts, Green, Hall, Wood, Jackson, Clarke, Patel, Khan, Lewis, James, Phillips,
            Mason, Mitchell, Rose, Davis, Rodgers, Cox, Alexander, Marshall, Campbell, Anderson, Collins,
            Stewart, Stevens, Stephens, Morris, Murphy, O'Connor, O'Brien, MacDonald, McDonald, Bell, Ward,
            Turner, Cooper, Hill, Harris, Clark, Allen, Young, King, Shaw, Simpson, Ellis, Foster, Butler,
            Reid, Singh, Begum, Hughes, Edwards, Moore, Martin, Harrison, Parker, Lee
            """
        ),
        _listed(
            """
            Ash, Beck, Birch, Black, Brad, Brook, Burn, Chad, Clay, Crow, Dun, East, Elm, Fair,
            Farn, Gold, Grant, Hart, Hazel, Hol, Kings, Lang, Lock, Mar, Mead, Nor, Oak, Pem, Rad,
            Red, Rush, Sand, Shel, Stan, Stock, Thorn, Under, Wal, Wes, Whit, Win
            """
        ),
        _listed(
            """
            ley, ton, ford, worth, wood, field, bury, ham, well, stone, bridge, more, ridge, by,
            land, croft, combe, shaw, brook, cliffe
            """
        ),
        _listed("London, Leeds, Bristol, Manchester, Glasgow, Cardiff, York, Bath, Derby, Norwich"),
        (("Ltd", "Ltd.", "Limited", ""), ("plc", "PLC"), ("LLP", "")),
        ("gmail.com", "hotmail.co.uk", "yahoo.co.uk", "btinternet.com", "outlook.com", "googlemail.com"),
        "co.uk",
        ("+44740{:07}", "+44207{:07}"),
    ),
    Land(
        "FR",
        _listed(
            """
            Jean, Marie, Pierre, Michel, Philippe, Nathalie, Isabelle, François, Françoise, Hélène, Jérôme,
            Stéphane, Stéphanie, Céline, Anne, Sophie, Nicolas, Julien, Thomas, Camille, Léa, Chloé, Hugo,
            Lucas, Émilie, Aurélie, Guillaume, Benoît, Mathieu, Matthieu, Laurent, Laurence, Jean-Pierre,
            Jean-Luc, Marie-Claude, Anne-Sophie, Karim, Nadia, Olivier, Valérie, Denis, Denise
            """
        ),
        _listed(
            """
            Martin, Bernard, Dubois, Thomas, Robert, Richard, Petit, Durand, Leroy, Moreau, Simon, Laurent,
            Lefebvre, Lefèvre, Michel, Garcia, David, Bertrand, Roux, Vincent, Fournier, Morel, Girard, André,
            Lefevre, Mercier, Dupont, Lambert, Bonnet, François, Martinez, Legrand, Garnier, Faure, Rousseau,
            Blanc, Guérin, Muller, Henry, Roussel, Nicolas, Perrin, Morin, Mathieu, Clément, Gauthier, Dumont,
            Lopez, Fontaine, Chevalier, Robin, Masson, Sanchez, Gérard, Nguyen, Boyer, Denis, Lemaire, de la
            Tour, Le Gall, Benali
            """
        ),
        _listed(
            """
            Beau, Bel, Bois, Bon, Cham, Char, Clair, Cour, Des, Fon, Grand, Haut, Lam, Lau, Mal,
            Mar, Mont, Nor, Per, Pom, Ren, Roch, Roi, Saint, Ser, Tour, Val, Ver, Vil
            """
        ),
        _listed(
            """
            ier, eau, ert, and, mont, ville, fort, champ, lier, reau, nier, tier, quet, sard, vière,
            dier, gnon, ault, ette, chet
            """
        ),
        _listed("Paris, Lyon, Lille, Nantes, Rennes, Toulouse, Bordeaux, Dijon, Nîmes, Orléans"),
        (("SARL", "S.A.R.L.", ""), ("SA", "S.A.", ""), ("SAS", "S.A.S.", "")),
        ("gmail.com", "orange.fr", "free.fr", "wanadoo.fr", "laposte.net", "hotmail.fr"),
        "fr",
        ("+3366{:07}", "+331{:08}"),
    ),
    Land(
        "BE",
        _listed(
            """
            Jan, Luc, Marc, Patrick, Marie, Nathalie, Els, Wim, Koen, Bart, Tom, Pieter, Sofie, Lien, Jef,
            Joris, Griet, Hilde, Geert, Dirk, Nele, Karel, Filip, Stijn, Katrien, An, Ann, Jeroen, Thomas,
            Philippe, Dominique, Christine, Kristof, Christophe
            """
        ),
        _listed(
            """
            Peeters, Janssens, Maes, Jacobs, Mertens, Willems, Claes, Goossens, Wouters, De Smet, Dubois,
            Lambert, Dupont, Vermeulen, Pauwels, Hermans, Aerts, Michiels, Desmet, Martens, Van den Broeck,
            Vandenbroucke, Van Damme, De Clercq, Declercq, Verhaegen, Smets, Lemmens, Van de Velde,
            Vandevelde, Hendrickx, De Backer, Segers, Coppens, Leroy, Bogaert, Desmedt, Janssen, Stevens
            """
        ),
        _listed(
            """
            Baer, Beke, Block, Bos, Broeck, Ceule, Dael, Dries, Eeck, Gheys, Haege, Hoeve, Kerck,
            Laere, Lynen, Meers, Moer, Neer, Ooster, Paep, Raes, Rys, Schelde, Steen, Thys, Vaer,
            Ver, Water, Wyck, Zee
            """
        ),
        _listed(
            """
            mans, ens, aert, broeck, hout, sels, vliet, brugge, straeten, stappen, voort, donck,
            meulen, haeghe, cruysse, bossche, eyck, loo
            """
        ),
        _listed("Antwerpen, Gent, Brugge, Leuven, Mechelen, Hasselt, Kortrijk, Aalst, Namur, Liège"),
        (("BVBA", "bvba", "BV"), ("NV", "N.V.", ""), ("SPRL", "SRL")),
        ("gmail.com", "telenet.be", "skynet.be", "hotmail.be", "proximus.be", "outlook.com"),
        "be",
        ("+32470{:06}", "+3232{:06}"),
    ),
    Land(
        "IT",
        _listed(
            """
            Giuseppe, Maria, Giovanni, Anna, Antonio, Mario, Luigi, Francesco, Francesca, Angelo, Paolo,
            Paola, Marco, Andrea, Laura, Roberto, Luca, Chiara, Matteo, Giulia, Stefano, Sara, Alessandro,
            Alessandra, Simone, Simona, Davide, Elena, Nicolò, Giorgio, Carla, Carlo
            """
        ),
        _listed(
            """
            Rossi, Russo, Ferrari, Esposito, Bianchi, Romano, Colombo, Ricci, Marino, Greco, Bruno, Gallo,
            Conti, De Luca, Mancini, Costa, Giordano, Rizzo, Lombardi, Moretti, Barbieri, Fontana, Santoro,
            Mariani, Rinaldi, Caruso, Ferrara, Galli, Martini, Leone, Longo, Gentile, Martinelli, Vitale,
            Lombardo, Serra, Coppola, De Santis, D'Angelo, Marchetti, Parisi, Villa, Conte, Ferretti
            """
        ),
        _listed(
            """
            Albe, Barto, Bene, Bona, Calda, Casta, Cava, Cola, Corsi, Dona, Fava, Fio, Gala, Gara,
            Loren, Maga, Mala, Mare, Monta, Nardi, Pala, Pele, Piro, Rava, Sala, Sca, Tama, Tede,
            Vale, Zana
            """
        ),
        _listed(
            """
            lli, nti, rini, setti, chini, nelli, ldi, schi, tini, rotti, vini, rdi, celli, zzi,
            gnoli, rani, ssi, ttini, resi, toni
            """
        ),
        _listed("Roma, Milano, Torino, Bologna, Firenze, Verona, Padova, Trieste, Parma, Modena"),
        (("S.r.l.", "Srl", "SRL", ""), ("S.p.A.", "SpA", "SPA"), ("S.a.s.", "")),
        ("gmail.com", "libero.it", "virgilio.it", "hotmail.it", "tiscali.it", "alice.it"),
        "it",
        ("+39347{:07}", "+3906{:08}"),
    ),
    Land(
        "DK",
        _listed(
            """
            Peter, Jens, Lars, Michael, Søren, Jørgen, Anne, Kirsten, Mette, Hanne, Thomas, Henrik, Niels,
            Hans, Bo, Åse, Inge, Camilla, Kåre, Mads, Rasmus, Freja, Emma, Signe, Bjørn, Karen, Lone, Ole
            """
        ),
        _listed(
            """
            Nielsen, Jensen, Hansen, Pedersen, Andersen, Christensen, Larsen, Sørensen, Rasmussen, Jørgensen,
            Petersen, Madsen, Kristensen, Olsen, Thomsen, Christiansen, Poulsen, Johansen, Møller, Mortensen,
            Knudsen, Jakobsen, Jacobsen, Mikkelsen, Olesen, Frederiksen, Laursen, Henriksen, Lund, Holm,
            Schmidt, Østergaard, Nørgaard, Kjær
            """
        ),
        _listed(
            """
            Ager, Bak, Birke, Bjerre, Bo, Brand, Bro, Dahl, Eg, Enge, Fisker, Gade, Gran, Hald,
            Have, Hede, Hø, Kjelds, Kling, Lade, Linde, Lyng, Mark, Nør, Over, Rav, Ros, Skov, Sten,
            Sønder, Thor, Ul, Vester, Vind
            """
        ),
        _listed(
            """
            gaard, holm, sen, lund, berg, strup, toft, borg, skov, vad, bæk, dal, høj, mose, kjær,
            løkke, rup, ved
            """
        ),
        _listed("København, Aarhus, Odense, Aalborg, Esbjerg, Randers, Kolding, Horsens, Vejle, Roskilde"),
        (("ApS", "Aps", ""), ("A/S", "AS", "")),
        ("gmail.com", "hotmail.com", "live.com", "outlook.com", "icloud.com"),
        "dk",
        ("+4520{:06}", "+4533{:06}"),
    ),
    Land(
        "ES",
        _listed(
            """
            José, María, Antonio, Manuel, Carmen, Francisco, Ana, Juan, David, Laura, Javier, Daniel, Marta,
            Jesús, Carlos, Cristina, Miguel, Alejandro, Pilar, Rafael, Lucía, Pedro, Ángel, Elena, Sergio,
            Raquel, José María, Juan Carlos, María José, Begoña, Iñaki, Núria
            """
        ),
        _listed(
            """
            García López, Rodríguez Pérez, González Martín, Fernández Ruiz, López Sánchez, Martínez Gómez,
            Sánchez Díaz, Pérez Moreno, Gómez Muñoz, Martín Álvarez, Jiménez Romero, Ruiz Alonso, Hernández
            Gutiérrez, Díaz Navarro, Moreno Torres, Muñoz Domínguez, Álvarez Vázquez, Romero Ramos, Alonso
            Gil, Navarro Serrano, Torres Blanco, Ramírez Molina, Gil Suárez, Serrano Ortega, Molina Castro,
            Ortega Rubio, Castro Núñez, Rubio Medina, Núñez Iglesias, Vega Cortés, Ibáñez Peña, Marín Sáez
            """
        ),
        _listed(
            """
            Alba, Barra, Bena, Cala, Carri, Casa, Corti, Echeva, Escu, Galle, Gorri, Herra, Ibarra,
            Larra, Loza, Mendi, Mora, Olive, Pala, Pere, Quinta, Riva, Sala, Sola, Tama, Uri, Vela,
            Villa, Zaba, Zumala
            """
        ),
        _listed(
            """
            rría, nez, dero, guez, gui, nde, res, llo, rrez, mendi, ñas, zar, tegui, ndo, bal,
            dilla, llares, na, zábal, rta
            """
        ),
        _listed("Madrid, Barcelona, Valencia, Sevilla, Bilbao, Málaga, Zaragoza, León, Gijón, Córdoba"),
        (("S.L.", "SL", ""), ("S.A.", "SA", "")),
        ("gmail.com", "hotmail.es", "yahoo.es", "telefonica.net", "outlook.com"),
        "es",
        ("+346{:08}", "+3491{:07}"),
    ),
)

CALLED: Mapping[str, tuple[str, ...]] = {
    "Johannes": ("Jan", "Hans", "Joop"),
    "Hendrik": ("Henk",),
    "Willem": ("Wim",),
    "Pieter": ("Piet",),
    "Kees": ("Cornelis",),
    "Johanna": ("Joke", "Hanneke"),
    "Thomas": ("Tom",),
    "Michael": ("Mike",),
    "Robert": ("Bob", "Rob"),
    "William": ("Bill", "Will"),
    "Elizabeth": ("Liz", "Beth"),
    "Richard": ("Dick", "Rick"),
    "Christopher": ("Chris",),
    "Matthew": ("Matt",),
    "Daniel": ("Dan",),
    "Andrew": ("Andy",),
    "Katharina": ("Kathi", "Katja"),
    "Sebastian": ("Basti",),
    "Francisco": ("Paco",),
    "José": ("Pepe",),
    "Giuseppe": ("Beppe",),
    "Alexander": ("Alex", "Sander"),
    "Margaret": ("Peggy", "Maggie"),
    "James": ("Jim",),
}
"""By what else people are called who are written so in the register."""

TRADES = _listed(
    """
    Bakkerij, Garage, Advies, Consulting, Bouw, Techniek, Software, Media, Transport, Logistics,
    Metaal, Hotel, Design, Studio, Energy, Solar, Print, Food, Interieur, Tandarts, Makelaars,
    Accountants, Systems, Security
    """
)
WORDS = _listed(
    """
    Noord, Delta, Alpha, Orion, Nova, Vista, Linea, Terra, Aqua, Argus, Atlas, Borea, Cobalt,
    Corvus, Domus, Ember, Falcon, Focus, Fortis, Gamma, Helix, Ignis, Juno, Kompas, Lumen, Lyra,
    Magna, Meridian, Nexus, Nimbus, Oculus, Onyx, Optima, Pegasus, Pharos, Polaris, Prisma,
    Quadrant, Quest, Radius, Rhea, Sigma, Solis, Summit, Tempo, Titan, Trias, Umbra, Unity, Vector,
    Verda, Vertex, Volta, Vulcan, Zenith, Zephyr, Kastanje, Linde, Eik, Zwaan
    """
)
