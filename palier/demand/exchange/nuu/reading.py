"""A file of the national system as a table: one row by demand, one cell by field, and what was not understood.

Cells hold what the file says (codes, ISO dates): the checker of every import reads them, and says what is wrong. What
has no column is never lost silently: it is told by its path, with the line where it was met first.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from palier.common.errors import Refusal
from palier.common.text import number_fr
from palier.demand.enums import Section
from palier.demand.exchange.nuu import mapping
from palier.demand.exchange.nuu.mapping import code_of
from palier.demand.exchange.nuu.tree import Node, Source
from palier.demand.exchange.reading import MOST_ROWS, Fault, Part
from palier.demand.exchange.whole import ALL, MOST_MEMBERS, PERSON
from palier.people.api import MemberRole
from palier.territory import api as territory

MOST_REMARKS = 200
LEGAL_PERSON = (
    "Cette demande est celle d’une personne morale (association, L442-8-1). Palier ne l’importe pas\u00a0: "
    "saisissez-la dans «\u00a0Accueillir quelqu’un\u00a0»."
)
LEFT = "Élément que Palier ne reprend pas\u00a0: {}."
TOO_MANY = f"Ce ménage compte plus de {MOST_MEMBERS} autres personnes\u00a0: complétez-le au dossier."
_SPOUSE = MemberRole.CO_APPLICANT
_IGNORED = frozenset({"numGuichet"})
_ADDRESS_WORDS = {"batiment": "bâtiment", "escalier": "escalier", "etage": "étage", "appartement": "appartement",
                  "numappartement": "appartement", "residence": "résidence", "lieudit": "",
                  "complement": "", "complementadresse": ""}  # fmt: skip


class Remark(NamedTuple):
    """Something of a demand that has no column: where, and one sentence."""

    line: int
    path: str
    sentence: str


@dataclass
class Found:
    """One demand of a file: its cells by code of field, as they are written; what is wrong, and what was left out."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    faults: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


class _Reader:
    """Reads one demand, and remembers which of its elements were read."""

    def __init__(self, demand: Node) -> None:
        self.found = Found(demand.line)
        self.demand = demand
        self.read: set[int] = set()

    def text(self, node: Node | None, path: str) -> str:
        """What an element or an attribute says, "" when it is not there."""
        names, _, attribute = path.partition("@")
        inner = node.find(names) if node and names else node
        if inner is None:
            return ""
        self.read.add(id(inner))
        return (inner.attributes.get(attribute, "") if attribute else inner.text).strip()

    def lines(self, node: Node | None, lines: mapping.Lines, section: Section, start: str = "") -> bool:
        """Keep the fields that a table says; whether one was there."""
        some = False
        for path, name in lines:
            some |= self.keep(section, f"{start}{name}", self.text(node, path))
        return some

    def keep(self, section: Section, name: str, said: str) -> bool:
        if said:
            self.found.cells[code_of(section, name)] = said
        return bool(said)

    def seen(self, node: Node | None) -> Node | None:
        """An element that only holds others."""
        if node is not None:
            self.read.add(id(node))
        return node

    def codes(self, node: Node | None, listed: str, item: str) -> list[str]:
        """The codes of a list of elements, in order."""
        holder = self.seen(node.child(listed) if node else None)
        found = []
        for one in holder.children if holder else ():
            if one.name == item:
                found.append(self.text(one, "@code") or one.text)
        return [code for code in found if code]

    def amounts(self, node: Node | None, listed: str) -> str:
        """« SAL 1200|AF 140 »."""
        holder = self.seen(node.child(listed) if node else None)
        found: dict[str, str] = {}
        for one in holder.children if holder else ():
            if one.name == "detailRessource":
                self.seen(one)
                code, amount = self.text(one, "ressource@code"), self.text(one, "montant")
                if code:
                    found[code] = amount or "0"
        return "|".join(f"{code} {amount}" for code, amount in found.items())

    def names(self, node: Node | None, section: Section, start: str = "") -> None:
        """`nom` is the birth name when there is no other, and the name in use when there is one."""
        used, born = self.text(node, "nom"), self.text(node, "nomPatronymique")
        self.keep(section, f"{start}birth_name", born or used)
        if born and used and used != born:
            self.keep(section, f"{start}usage_name", used)

    def everything(self) -> None:
        demand = self.demand
        cells = self.found.cells
        for path, code in (("numUnique", "nud"), ("dateCreationDemande", "filed_on")):
            if said := self.text(demand, path):
                cells[code] = said
        if legal := demand.child("personneMorale"):
            self.found.faults.append(Remark(legal.line, "personneMorale", LEGAL_PERSON))
            self.leave(legal)
        person = self.seen(demand.child("personnePhysique"))
        self.applicant(self.seen(person.child("demandeur") if person else None))
        self.members(person)
        self.dwelling(self.seen(person.child("logementActuel") if person else None))
        for holder in (demand, person):
            self.sought(self.seen(holder.child("logementRecherche") if holder else None))
            if grounds := self.codes(holder, "listeMotifDemande", "motifDemande"):
                self.keep(Section.GROUNDS, "codes", "|".join(grounds))

    def applicant(self, node: Node | None) -> None:
        identity = Section.IDENTITY
        self.keep(identity, "civility", self.text(node, "civilite@code"))
        self.names(node, identity)
        self.lines(node, mapping.PERSON, identity)
        self.keep(Section.SITUATION, "family", self.text(node, "situationFamiliale@code"))
        self.lines(node, mapping.CONTACT, Section.ADDRESS)
        for child in node.children if node else ():
            if child.name.startswith("tel") and child.name != "telPortable" and child.text:
                self.keep(Section.ADDRESS, "phone_other", self.text(child, ""))
        self.address(self.seen(node.child("adressePostale") if node else None))
        self.work(node, Section.WORK, "")
        self.money(node, Section.RESOURCES, "")
        if dependants := self.amounts(node, "listeRessourceRecuePersACharge"):
            self.keep(Section.RESOURCES, "dependants", dependants)
        self.seen(node.child("listeRessourceVerseePersACharge") if node else None)

    def address(self, node: Node | None) -> None:
        section = Section.ADDRESS
        self.lines(node, mapping.ADDRESS, section)
        street = " ".join(filter(None, (self.text(node, "numero"), self.text(node, "voie"))))
        self.keep(section, "line", street)
        self.keep(section, "town", town_of(self.found.cells.get(code_of(section, "insee"), "")))
        parts = []
        for child in node.children if node else ():
            word = _ADDRESS_WORDS.get(child.name.lower())
            if child.name.lower() == "chez":
                self.keep(section, "care_of", self.text(child, ""))
            elif word is not None and child.text:
                parts.append(f"{word} {self.text(child, '')}".strip())
        self.keep(section, "complement", ", ".join(parts))

    def work(self, node: Node | None, section: Section, start: str) -> None:
        job = self.seen(node.child("situationProfessionnelle") if node else None)
        self.lines(job, mapping.JOB, section, start)
        self.keep(section, f"{start}town", town_of(self.text(job, "commune@code")))

    def money(self, node: Node | None, section: Section, start: str) -> bool:
        tax = self.seen(node.child("revenuFiscal") if node else None)
        some = self.lines(tax, mapping.TAX, section, start)
        self.text(tax, "anneeMoins1")
        some |= self.keep(section, f"{start}monthly", self.amounts(node, "listeRessourceRecue"))
        paid = self.amounts(node, "listeRessourceVersee")
        return some | self.keep(section, f"{start}alimony_paid", paid.partition(" ")[2])

    def members(self, person: Node | None) -> None:
        section, rank = Section.HOUSEHOLD, 0
        for listed, item, role in (
            ("listeCotitulaire", "cotitulaire", _SPOUSE),
            ("listePersonneACharge", "personneACharge", MemberRole.DEPENDANT),
            ("listePersonneEnGarde", "personneEnGarde", MemberRole.SHARED_CUSTODY),
        ):
            holder = self.seen(person.child(listed) if person else None)
            for node in holder.children if holder else ():
                if node.name != item:
                    continue
                self.seen(node)
                if rank == MOST_MEMBERS:
                    self.found.faults.append(Remark(node.line, f"{listed}/{item}", TOO_MANY))
                    return
                start = f"members.{rank}."
                visits = self.text(node, "coParentalite@code") == "D"
                self.keep(section, f"{start}role", (MemberRole.VISIT if visits else role).value)
                self.names(node, section, start)
                self.lines(node, mapping.PERSON, section, start)
                self.keep(section, f"{start}civility", self.text(node, "civilite@code"))
                self.keep(section, f"{start}sex", self.text(node, "sexe@code"))
                link = self.text(node, "lienDemandeur@code") or self.text(node, "lienParente@code")
                self.keep(section, f"{start}link", link)
                if role is _SPOUSE:
                    self.lines(node, mapping.CONTACT, section, start)
                    self.work(node, section, f"{start}job.")
                    self.money(node, section, f"{start}income.")
                    self.keep(Section.RESOURCES, "per_person", "oui")
                rank += 1
        self.lines(self.seen(person.child("personneANaitre") if person else None), mapping.UNBORN, section)

    def dwelling(self, node: Node | None) -> None:
        section = Section.DWELLING
        if kinds := self.codes(node, "listeModeleLogement", "modeleLogement"):
            self.keep(section, "kind", kinds[0])
            self.keep(section, "other_kinds", "|".join(kinds[1:]))
        self.lines(node, mapping.DWELLING, section)

    def sought(self, node: Node | None) -> None:
        section = Section.SOUGHT
        category = self.text(node, "categorieLogement@code") or self.text(node, "categorieLogementRecherche@code")
        self.keep(section, "category", category)
        self.keep(section, "types", "|".join(self.codes(node, "listeTypeLogement", "typeLogement")))
        holder = self.seen(node.child("listeLocalisationSouhaite") if node else None)
        wished = []
        for one in holder.children if holder else ():
            if one.name == "localisationSouhaite":
                self.seen(one)
                wished.append(self.text(one, "commune@code"))
        self.keep(section, "communes", "|".join(filter(None, wished)))
        self.keep(section, "wider_area", self.text(node, "demandeElargie"))

    def life(self, movement: str, made_on: str) -> None:
        """A renewal, a radiation with its details, a demand taken back (an empty ground), a number suppressed."""
        cells = self.found.cells
        radiation = self.demand.child("radiation")
        if movement in {"REN", "SUP"}:
            cells["movement"] = movement
        if movement == "REN":
            cells["renewed_on"] = self.text(self.demand, "dateRenouvellement") or made_on
        if movement != "RAD":
            return
        ground = self.text(radiation, "motifRadiation@code")
        cells["movement"] = "RAD" if ground else "REP"
        cells["struck_ground"] = ground
        cells["struck_why"] = self.text(radiation, "sousMotifRadiationIrrecevabilite@code")
        cells["noticed_on"] = self.text(radiation, "dateAvis")
        day = self.text(radiation, "dateRadiation") or made_on
        cells["struck_on" if ground else "renewed_on"] = day
        if radiation is not None:
            cells["allocation"] = "|".join(self.details(radiation, ""))
            self.leave(radiation)

    def details(self, node: Node, path: str) -> Iterator[str]:
        """« logement/idRpls 123 » for all that a radiation says besides: the dwelling, the quota, the DALO."""
        for child in node.children:
            here = f"{path}{child.name}"
            said = child.attributes.get("code", "") or child.text
            if said and id(child) not in self.read:
                yield f"{here} {said}"
            yield from self.details(child, f"{here}/")

    def leave(self, node: Node) -> None:
        """Take an element and all that it holds as read."""
        self.read.add(id(node))
        for child in node.children:
            self.leave(child)

    def tell_others(self, node: Node, path: str) -> None:
        """Say each element that was not read, once for the outermost. Never what it holds: it may be anything."""
        for child in node.children:
            here = f"{path}/{child.name}" if path else child.name
            if dropped := _dropped(child.name):
                self.found.remarks.append(Remark(child.line, here, dropped))
            elif id(child) in self.read or child.name in _IGNORED:
                self.tell_others(child, here)
            elif child.text or child.attributes or child.children:
                self.found.remarks.append(Remark(child.line, here, LEFT.format(here)))


def _dropped(name: str) -> str:
    plain = name.lower()
    if plain in {"nir", "numnir"} or "securitesociale" in plain:
        return mapping.DROPPED["nir"]
    return mapping.DROPPED["handicap"] if "handicap" in plain else ""


def read(demand: Node, movement: str = "", made_on: str = "") -> Found:
    """One demand of a file. `movement` and `made_on` are the type and the date of the file, from its header."""
    reader = _Reader(demand)
    reader.everything()
    reader.life(movement, made_on[:10])
    reader.tell_others(demand, "")
    return reader.found


def found_in(stream: IO[bytes], others: Counter[str] | None = None) -> Iterator[Found]:
    """Every demand of a file, one at a time; `others` counts the elements beside them, by path. Raises Refusal."""
    source = Source(stream)
    for demand in source:
        movement = _movement(source.header)
        date_made = source.header.child("dateFichier")
        yield read(demand, movement, date_made.text if date_made else "")
    if others is not None:
        others.update(source.others)


def _movement(header: Node) -> str:
    said = header.child("typeFichier")
    code = said.text.upper() if said else ""
    if code and code not in mapping.MOVEMENTS:
        raise Refusal(
            f"Type de fichier «\u00a0{code[:20]}\u00a0» inconnu. Ceux du système national\u00a0: "
            f"{', '.join(mapping.MOVEMENTS)}."
        )
    return code


@cache
def columns() -> tuple[str, ...]:
    """The codes of the fields that such a file can fill, in the order of `ALL`."""
    names = {
        Section.IDENTITY: {"civility", "birth_name", "usage_name", *(name for _, name in mapping.PERSON)},
        Section.SITUATION: {"family"},
        Section.ADDRESS: {"line", "town", "complement", "care_of", "phone_other",
                          *(name for _, name in mapping.ADDRESS + mapping.CONTACT)},
        Section.WORK: {"town", *(name for _, name in mapping.JOB)},
        Section.RESOURCES: {"monthly", "dependants", "alimony_paid", "per_person", *(name for _, name in mapping.TAX)},
        Section.HOUSEHOLD: {name for _, name in mapping.UNBORN},
        Section.DWELLING: {"kind", "other_kinds", *(name for _, name in mapping.DWELLING)},
        Section.GROUNDS: {"codes"},
        Section.SOUGHT: {"category", "types", "communes", "wider_area"},
    }  # fmt: skip
    members = {"joint_tax", "job.action_logement", "job.state_agent"}
    held = []
    for code, item in ALL.items():
        if item.name.startswith("members."):
            if item.name.split(".", 2)[2] not in members:
                held.append(code)
        elif code not in PERSON and (not item.section or item.name in names[Section(item.section)]):
            held.append(code)
    return tuple(held)


def titles(path: Path) -> tuple[str, ...]:
    """The titles of the columns of a file, each with its element. Raises Refusal when it is none of the SNE."""
    with path.open("rb") as stream:
        next(iter(Source(stream)), None)
    return tuple(f"{ALL[code].label} [{mapping.element_of(code)}]" for code in columns())


def parts(path: Path, header: tuple[str, ...], size: int, remarks: Counter[str] | None = None) -> Iterator[Part]:
    """The demands of a file as rows, some at a time; `remarks` counts what was left out, by sentence.

    The line of a row is that of its demand, or the next one when several demands are on one line: each has its own.
    """
    codes = columns()
    told: Counter[str] = Counter() if remarks is None else remarks
    total = line = 0
    with path.open("rb") as stream:
        others: Counter[str] = Counter()
        demands = found_in(stream, others)
        while some := list(islice(demands, size)):
            total += len(some)
            if total > MOST_ROWS:
                raise Refusal(f"Ce fichier a trop de demandes\u00a0: {number_fr(MOST_ROWS)} au plus.")
            part, faults = Part([], [], []), []
            for found in some:
                line = max(line + 1, found.line)
                part.lines.append(line)
                part.rows.append([found.cells.get(code, "") for code in codes])
                faults += [Fault(line, None, "", fault.sentence) for fault in found.faults[:1]]
                for remark in found.remarks:
                    if remark.sentence in told or len(told) < MOST_REMARKS:
                        told[remark.sentence] += 1
            yield replace(part, faults=faults)
        told.update({LEFT.format(path): count for path, count in others.items()})


@cache
def town_of(insee: str) -> str:
    """The name of a commune of France, "" when the list does not have it."""
    return territory.commune_name(insee) if insee else ""
