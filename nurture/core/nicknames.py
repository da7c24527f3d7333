"""By what else people are called who stand in the register as Johannes, Elizabeth or Francisco.

Common knowledge of the languages of our markets, written down by hand: each full name with the short and
familiar forms that its bearers go by. Two short forms of one name are not each other's: Hans is no Jan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache

from nurture.core.spelling import spelt

_CALLED = """
    johannes: jan hans joop johan jo han hannes; johan: jo han; hendrik: henk hein rik harry henri; hendrikus:
    henk harry; willem: wim pim bill wil; wilhelmus: wim willem wil; pieter: piet peter pier; petrus: piet
    peter pieter; cornelis: kees cor nelis cees; cornelius: kees cor; jacobus: jaap koos jacob co; jacob: jaap
    jaco co jake; gerardus: gerard gerrit ger geert; gerrit: ger gert; antonius: ton toon anton; anton: ton
    toon toni; antoon: ton toon; adrianus: ad arie adriaan janus; adriaan: ad arie adri; franciscus: frans
    frank; theodorus: theo dorus; leonardus: leo leonard leen; nicolaas: nico klaas nick; martinus: martin
    maarten tinus rinus; marinus: rinus; mattheus: thijs theo; matthijs: thijs mathijs; bartholomeus: bart;
    lambertus: bert bertus lambert; albertus: bert albert ab; egbertus: bert egbert; hubertus: huub hubert
    bert; alphonsus: fons; josephus: jos sjef jozef jef; jozef: jef jos jo; laurentius: laurens rens;
    stephanus: stefan stef; christianus: chris; michiel: chiel; ludovicus: louis; lodewijk: louis lode;
    augustinus: guus stijn; augustus: guus; gustaaf: staf guus; sebastiaan: bas; bastiaan: bas; alexander:
    alex sander lex xander sascha sasha alec sandy; benjamin: ben benny benni; tobias: tobi toby; frederik:
    fred freek frits rik; ferdinand: ferry ferdi; rudolf: ruud rudi rolf; bernardus: ben bernard bert; thomas:
    tom tommy; timotheus: tim; maximiliaan: max; maximilian: max; daniel: daan dan danny dani; david: dave
    davy; emmanuel: manu; samuel: sam sammy; rudolphus: ruud; johanna: joke jo hanneke hanna hannie jannie
    anneke hannah hanne janna; maria: marie mieke ria marijke mia rie riet marja miep; anna: annie anneke ans
    an anja anke; wilhelmina: mien willy wil mina willemien; elisabeth: els elly lies liesbeth lisbeth betty
    bets lisa liza elise elli elsa sissi lise else babette; catharina: katrien toos trijn tineke rina ineke
    cathy karin to; cornelia: corrie nel cora nelly cor conny; margaretha: greet griet greta margriet rita
    marga gretha; jacoba: coby co; petronella: nel nelly petra; adriana: adri jana adrie ria; hendrika: riek
    rika hennie henny; geertruida: truus geertje trudy; helena: lena leni heleen ellen; magdalena: lena leni
    magda; theodora: dora thea; antonia: toni tonnie; francisca: cisca fransje paca paqui; jacqueline: jacky
    jackie; josephina: josephine fien jose; christina: stien tineke christa tina chris stine; susanna: sanne
    susanne suzanne; joachim: jochen achim; heinrich: heinz heiner; friedrich: fritz fred; wilhelm: willi
    willy; michael: mike michi mick micha mickey michel; andreas: andi andy dries; matthias: matze hias;
    christoph: chris; christophe: chris; christian: chris; georg: joerg schorsch; josef: sepp jupp; ludwig:
    lutz; sebastian: basti bastian seb; florian: flo; wolfgang: wolf; ulrich: uli ulli; nikolaus: klaus niko;
    walter: walt; manfred: fred manni; siegfried: sigi; gerhard: gerd gert; bernhard: bernd; dietrich: dieter;
    konstantin: kosta; katharina: kathi katja kaethe karin katrin kathrin; margarete: grete gretel greta
    margit rita; margarethe: grete greta; gabriele: gabi gaby; ursula: uschi ulla ursel; barbara: babsi
    baerbel barb babs; angelika: geli; brigitte: gitte gitta biggi; christine: christl tina chris stine;
    martina: tina; bettina: tina betty; stefanie: steffi; franziska: franzi fanny; theresia: resi; theresa:
    resi terry tess tessa; helene: leni lene; veronika: vroni; monika: moni; charlotte: lotte lotti charlie
    lottie; henriette: jette; friederike: rike; ulrike: uli ulli rike; alexandra: alex sandra sascha sasha;
    susanne: susi sanne; robert: bob rob bobby robbie bert; william: bill will billy willy liam; richard: dick
    rick rich ricky; james: jim jimmy jamie; john: jack johnny; jonathan: jon jonny; edward: ed eddie ted ned;
    theodore: ted theo; charles: charlie chuck; joseph: joe joey jo; christopher: chris kit; matthew: matt;
    andrew: andy drew; anthony: tony; steven: steve; stephen: steve; donald: don; ronald: ron ronnie; kenneth:
    ken kenny; gerald: gerry jerry; lawrence: larry; leonard: len lenny leo; raymond: ray; patrick: pat paddy
    rik; peter: pete; philip: phil flip; nicholas: nick nicky; nathaniel: nate nat nathan; timothy: tim;
    gregory: greg; geoffrey: geoff; jeffrey: jeff; frederick: fred freddie; francis: frank; henry: harry hank;
    harold: harry hal; albert: al bert ab; alfred: al alf fred; vincent: vince; eugene: gene; joshua: josh;
    douglas: doug; russell: russ; bernard: bernie ben; clifford: cliff; edmund: ed; edwin: ed; terence: terry;
    martin: marty; elizabeth: liz beth betty lizzie betsy eliza lisa libby; margaret: peggy maggie meg madge;
    katherine: kate kathy katie kitty; catherine: cathy kate cath katie; kathleen: kathy; patricia: pat trish;
    susan: sue susie; rebecca: becky becca; jennifer: jenny jen; jessica: jess; victoria: vicky; deborah:
    debbie deb; dorothy: dot dolly; eleanor: ellie nell nora; abigail: abby; amanda: mandy; cynthia: cindy;
    virginia: ginny; frances: fran; judith: judy; pamela: pam; penelope: penny; sandra: sandy; sarah: sally;
    mary: molly polly; samantha: sam; philippa: pippa; gillian: gill jill; josephine: jo josie; joanna: jo;
    stephanie: steph; harriet: hattie; valerie: val; veronique: vero; philippe: phil flip; alexandre: alex;
    frederic: fred; stephane: steph; nicolas: nico; dominique: dom; sebastien: seb; isabelle: isa; madeleine:
    mado; marguerite: margot; caroline: caro line; giuseppe: beppe peppe pino peppino; giovanni: gianni vanni
    nanni; francesco: franco cesco checco ciccio; antonio: tonino toni nino tono; luigi: gigi gino; salvatore:
    salvo toto; alessandro: sandro ale; alessandra: sandra ale; domenico: mimmo nico; vincenzo: enzo; lorenzo:
    enzo renzo; raffaele: lello; roberto: berto beto; alberto: berto beto; federico: fede; filippo: pippo;
    gianluca: luca; elisabetta: betta elisa; giuseppina: pina giusy; giovanna: gianna vanna; caterina: rina;
    margherita: rita; edoardo: edo; leonardo: leo; massimiliano: max massimo; nicola: nico; tommaso: maso;
    jose: pepe; francisco: paco pancho fran kiko curro; manuel: manolo manu lolo; ignacio: nacho inaki; jesus:
    chus; enrique: quique kike; guillermo: guille; alejandro: alex jandro ale; eduardo: edu lalo; fernando:
    nando fer; rafael: rafa; javier: javi; pilar: pili; dolores: lola; rosario: charo; concepcion: concha
    conchi; mercedes: merche; isabel: isa; josefa: pepa; josefina: pepa fina; teresa: tere; consuelo: chelo;
    encarnacion: encarna; montserrat: montse; inmaculada: inma; begona: bego; santiago: santi; gregorio: goyo;
    joaquin: quim; cristina: cris tina; gabriel: gabi; birgitte: gitte; katrine: trine; karoline: line;
    kirstine: stine; johanne: hanne; margrethe: grete; nikolaj: niels klaus; peder: per; kristian: kris;
    mohammed: mo; mohamed: mo; katarzyna: kasia; malgorzata: gosia; agnieszka: aga; krzysztof: krzysiek
"""


@cache
def other_forms() -> Mapping[str, frozenset[str]]:
    """Each full name with its short forms, and each short form with its full names, as `spelt`."""
    forms = defaultdict(set, {short: set(fulls) for short, fulls in _full_names().items()})
    for short, fulls in _full_names().items():
        for full in fulls:
            forms[full].add(short)
    return {name: frozenset(others) for name, others in forms.items()}


@lru_cache(maxsize=65_536)
def initials(word: str) -> frozenset[str]:
    """With which letters a name may be abbreviated: its own, and those of the full names it stands for."""
    return frozenset({word[0], *(full[0] for full in _full_names().get(word, ()))})


@cache
def _full_names() -> Mapping[str, frozenset[str]]:
    names: dict[str, set[str]] = defaultdict(set)
    for entry in _CALLED.split(";"):
        full, _, shorts = entry.partition(":")
        for short in shorts.split():
            names[spelt(short)].add(spelt(full))
    return {short: frozenset(fulls) for short, fulls in names.items()}
