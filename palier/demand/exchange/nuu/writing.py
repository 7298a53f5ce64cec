"""Demands written in the format of the national system, 02.01. What it has no element for is `mapping.NOT_CARRIED`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from palier.demand.codes import to_sne
from palier.demand.content import Content, MemberContent, Rubric
from palier.demand.exchange.nuu import mapping
from palier.demand.exchange.nuu.tree import SPACE, Node
from palier.demand.facts import ELSEWHERE
from palier.demand.life import Radiation
from palier.people.api import MemberRole

VERSION = "02.01"
DESK = re.compile(r"[A-Z0-9]{5}")
_STREET = re.compile(r"(\d{1,5}(?: ?(?:bis|ter|quater|[A-Z]))?) (.+)")


@dataclass(frozen=True)
class Life:
    """What happened to a demand: its renewal, or its radiation."""

    renewed_on: date | None = None
    struck_on: date | None = None
    ground: str = ""
    why: str = ""
    noticed_on: date | None = None


def desk_of(nud: str, default: str = "") -> str:
    """The registering desk: the last five characters of a number, or the one of the settings."""
    return nud[13:] if len(nud) == 18 and DESK.fullmatch(nud[13:]) else default


def file_name(desk: str, at: datetime, number: int = 0) -> str:
    """« DEMG1226-202611220915-000000.xml »."""
    return f"DEM{desk}-{at:%Y%m%d%H%M}-{number:06d}.xml"


def lacking(content: Content, filed_on: date | None, desk: str) -> list[str]:
    """What the interface asks and a demand does not say (demande.md §1.4), in words."""
    sought = content.recherche
    asked = {
        "le code du guichet": desk,
        "la date de dépôt": filed_on,
        "la demande élargie (oui ou non)": sought and sought.wider_area is not None,
        "au moins un type de logement": sought and sought.types,
        "au moins une commune": sought and sought.communes,
    }
    return [words for words, value in asked.items() if not value]


def demand(content: Content, *, nud: str, filed_on: date | None, desk: str, life: Life | None = None) -> Node:
    """One `demandeLogement`. A demand of a legal person has no birth name: it is written as its signatory."""
    root = Node("demandeLogement")
    put(root, "numUnique", nud)
    put(root, "numGuichet", desk)
    put(root, "dateCreationDemande", _text(filed_on))
    if life:
        _life(root, life)
    person = _under(root, "personnePhysique")
    _applicant(_under(person, "demandeur"), content)
    household = content.menage
    members = household.members if household else ()
    _dependants(person, members)
    if household:
        unborn = Node("personneANaitre")
        _lines(unborn, mapping.UNBORN, household)
        _attach(person, unborn)
    _custody(person, members)
    _spouses(person, members)
    if content.logement:
        home = Node("logementActuel")
        kinds = [code for kind in content.logement.kinds if (code := to_sne("dwelling_kind", kind))]
        _codes(home, "listeModeleLogement", "modeleLogement", kinds)
        _lines(home, mapping.DWELLING, content.logement)
        _attach(person, home)
    if content.motifs:
        codes = [code for ground in content.motifs.codes if (code := to_sne("ground", ground))]
        _codes(root, "listeMotifDemande", "motifDemande", list(dict.fromkeys(codes)))
    _sought(root, content)
    return root


def _life(root: Node, life: Life) -> None:
    put(root, "dateRenouvellement", _text(life.renewed_on))
    # The sixth ground has no code in the interface 02.01, and an empty one would take the demand back.
    if not life.struck_on or life.ground == Radiation.MERGED:
        return
    radiation = _under(root, "radiation")
    radiation.children.append(Node("motifRadiation", attributes={"code": life.ground}))
    put(radiation, "sousMotifRadiationIrrecevabilite@code", life.why)
    put(radiation, "dateAvis", _text(life.noticed_on))
    put(radiation, "dateRadiation", _text(life.struck_on))


def _applicant(node: Node, content: Content) -> None:
    identity, address = content.identite, content.adresse
    put(node, "civilite@code", to_sne("civility", identity.civility))
    _names(node, identity.birth_name, identity.usage_name)
    _lines(node, mapping.PERSON, identity)
    put(node, "situationFamiliale@code", content.situation.family if content.situation else "")
    if address:
        _lines(node, mapping.CONTACT, address)
        postal = Node("adressePostale")
        put(postal, "etranger", _text(address.abroad))
        street = _STREET.fullmatch(address.line)
        put(postal, "numero", street[1] if street else "")
        put(postal, "voie", street[2] if street else address.line)
        _lines(postal, mapping.ADDRESS[1:], address)
        _attach(node, postal)
    _job(node, content.travail)
    _money(node, content.ressources)
    if content.ressources:
        _amounts(node, "listeRessourceRecuePersACharge", content.ressources.dependants)


def _names(node: Node, born: str, used: str) -> None:
    other = used and used != born
    put(node, "nom", used if other else born)
    put(node, "nomPatronymique", born if other else "")


def _job(node: Node, job: Rubric | None) -> None:
    if job:
        work = Node("situationProfessionnelle")
        _lines(work, mapping.JOB, job)
        _attach(node, work)


def _money(node: Node, income: Any) -> None:
    if income is None:
        return
    tax = Node("revenuFiscal")
    put(tax, "anneeMoins1", str(income.tax_year + 1) if income.tax_year else "")
    _lines(tax, mapping.TAX, income)
    _attach(node, tax)
    _amounts(node, "listeRessourceRecue", income.monthly)
    if income.alimony_paid is not None:
        _amounts(node, "listeRessourceVersee", {"PAV": income.alimony_paid})


def _amounts(node: Node, listed: str, amounts: Mapping[str, Decimal]) -> None:
    holder = Node(listed)
    for code, amount in amounts.items():
        if known := "PAV" if code == "PAV" else to_sne("resource", code):
            detail = _under(holder, "detailRessource")
            put(detail, "ressource@code", known)
            put(detail, "montant", _text(amount))
    _attach(node, holder)


def _dependants(person: Node, members: tuple[MemberContent, ...]) -> None:
    holder = Node("listePersonneACharge")
    for member in members:
        if member.role is MemberRole.DEPENDANT:
            node = _under(holder, "personneACharge")
            _member(node, member)
            put(node, "sexe@code", member.sex)
            put(node, "lienParente@code", to_sne("dependant_link", member.link))
    _attach(person, holder)


def _custody(person: Node, members: tuple[MemberContent, ...]) -> None:
    holder = Node("listePersonneEnGarde")
    for member in members:
        if member.role in (MemberRole.SHARED_CUSTODY, MemberRole.VISIT):
            node = _under(holder, "personneEnGarde")
            put(node, "dateNaissance", _text(member.birth_date))
            put(node, "sexe@code", member.sex)
            put(node, "coParentalite@code", to_sne("custody", member.role.value))
    _attach(person, holder)


def _spouses(person: Node, members: tuple[MemberContent, ...]) -> None:
    holder = Node("listeCotitulaire")
    for member in members:
        if member.role is MemberRole.CO_APPLICANT:
            node = _under(holder, "cotitulaire")
            put(node, "civilite@code", to_sne("civility", member.civility))
            _member(node, member)
            put(node, "nationalite@code", member.nationality)
            put(node, "lienDemandeur@code", to_sne("co_link", member.link))
            _job(node, member.job)
            _money(node, member.income)
    _attach(person, holder)


def _member(node: Node, member: MemberContent) -> None:
    _names(node, member.birth_name, member.usage_name)
    put(node, "prenom", member.first_names)
    put(node, "dateNaissance", _text(member.birth_date))


def _sought(root: Node, content: Content) -> None:
    sought = content.recherche
    if sought is None:
        return
    node = Node("logementRecherche")
    put(node, "categorieLogement@code", sought.category)
    _codes(node, "listeTypeLogement", "typeLogement", sought.types)
    wished = Node("listeLocalisationSouhaite")
    for commune in sought.communes:
        if commune != ELSEWHERE:
            put(_under(wished, "localisationSouhaite"), "commune@code", commune)
    _attach(node, wished)
    put(node, "demandeElargie", _text(sought.wider_area))
    _attach(root, node)


def _lines(node: Node, lines: mapping.Lines, rubric: Rubric) -> None:
    for path, name in lines:
        value = getattr(rubric, name, None)
        if value is None or value in ("", ELSEWHERE):
            continue
        put(node, path, mapping.sne_of(name, value) if isinstance(value, str) else _text(value))


def _codes(node: Node, listed: str, item: str, codes: Iterable[str]) -> None:
    holder = Node(listed)
    for code in codes:
        holder.children.append(Node(item, attributes={"code": code}))
    _attach(node, holder)


def put(node: Node, path: str, text: str) -> None:
    """Say a text (or an attribute, after @) at the end of a path, when there is one."""
    if not text:
        return
    names, _, attribute = path.partition("@")
    for name in names.split("/"):
        node = _under(node, name)
    if attribute:
        node.attributes[attribute] = text
    else:
        node.text = text


def _under(node: Node, name: str) -> Node:
    inner = Node(name)
    node.children.append(inner)
    return inner


def _attach(node: Node, inner: Node) -> None:
    if inner.children or inner.text or inner.attributes:
        node.children.append(inner)


def _text(value: date | bool | int | Decimal | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else f"{value:f}"


def document(demands: Iterable[Node], at: datetime, movement: str = "") -> Iterator[bytes]:
    """A file `interfaceNuu`, demand by demand. `movement` is its type: CRE, MOD, REN, RAD…"""
    header = Node("entete")
    put(header, "typeFichier", movement)
    put(header, "dateFichier", at.isoformat(timespec="milliseconds"))
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<ns1:interfaceNuu versionInterface="{VERSION}" xmlns:ns1="{SPACE}">\n{_xml(header)}\n'
    ).encode()
    for node in demands:
        yield f"<ns1:demande>{_xml(node)}</ns1:demande>\n".encode()
    yield b"</ns1:interfaceNuu>\n"


# XML 1.0 has no other control character, and half a pair is no character.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _xml(node: Node) -> str:
    attributes = "".join(f" {name}={quoteattr(_UNWRITABLE.sub('', said))}" for name, said in node.attributes.items())
    inside = escape(_UNWRITABLE.sub("", node.text)) + "".join(map(_xml, node.children))
    return f"<ns1:{node.name}{attributes}>{inside}</ns1:{node.name}>" if inside else f"<ns1:{node.name}{attributes}/>"
