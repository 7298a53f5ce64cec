"""The format of the national system: what a file says is understood, or told; a hostile file is refused."""

import io
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given, settings

from palier.common.errors import Refusal
from palier.demand.codes import to_sne
from palier.demand.content import Content, Household, Identity, Income, Job, MemberContent, Resources, Work
from palier.demand.exchange import fields, whole
from palier.demand.exchange.fields import Known, normalise
from palier.demand.exchange.nuu import mapping, reading, writing
from palier.demand.exchange.nuu.reading import Found
from palier.demand.exchange.nuu.writing import Life
from palier.people.api import MemberRole
from palier.territory.national import commune_name
from tests.demand.whole_contents import COMMUNES, CONTENTS

DATA = Path(__file__).parent / "data" / "nuu"
AT = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
NUD = "062032401234501226"
KNOWN = Known(
    date(2026, 11, 22),
    date(1980, 1, 1),
    {normalise(name): insee for insee, name in COMMUNES.items()} | {insee: insee for insee in COMMUNES},
)
HEAD = b'<n:interfaceNuu versionInterface="02.01" xmlns:n="http://nuu.application.i2/">'
OPEN = HEAD + b"<n:demande><n:demandeLogement>"


def content_of(found: Found) -> Content:
    return whole.content_of(
        {
            code: whole.ALL[code].reader(raw, KNOWN)
            for code, raw in found.cells.items()
            if raw and whole.ALL[code].section
        }
    )


def found_in(xml: bytes) -> list[Found]:
    return list(reading.found_in(io.BytesIO(xml)))


def written(content: Content, movement: str = "", life: Life | None = None) -> bytes:
    node = writing.demand(content, nud=NUD, filed_on=date(2024, 3, 12), desk="G1226", life=life)
    return b"".join(writing.document([node], AT, movement))


def inside(movement: str, demand: str, version: str = "02.01") -> bytes:
    return (
        f'<interfaceNuu versionInterface="{version}" xmlns="http://nuu.application.i2/"><entete>'
        f"<typeFichier>{movement}</typeFichier><dateFichier>2026-11-20T08:00:00.000+01:00</dateFichier></entete>"
        f"<demande><demandeLogement><numUnique>{NUD}</numUnique>{demand}</demandeLogement></demande></interfaceNuu>"
    ).encode()


def carried(content: Content) -> Content:
    """A content as the format can say it: `mapping.NOT_CARRIED` written as code."""
    said: dict[str, object] = {}
    identity = content.identite
    said["identite"] = _named(identity).model_copy(update={"organisation": "", "siret": ""})
    members = _members(content)
    home = content.menage
    if home:
        said["menage"] = Household(members=members, unborn=home.unborn, unborn_due=home.unborn_due)
    if address := content.adresse:
        said["adresse"] = address.model_copy(
            update={"care_of": "", "complement": "", "phone_other": "", "email_notices": None,
                    **{name: None if name == "mail_elsewhere" else "" for name in type(address).model_fields
                       if name.startswith("mail_")},
                    "town": commune_name(address.insee)}
        )  # fmt: skip
    if content.situation:
        said["situation"] = type(content.situation)(family=content.situation.family)
    if content.travail:
        said["travail"] = _job(content.travail, Work)
    spouse = any(member.role is MemberRole.CO_APPLICANT for member in members)
    if content.ressources or spouse:
        own = content.ressources or Resources()
        said["ressources"] = own.model_copy(
            update={"monthly": _known(own.monthly), "dependants": _known(own.dependants),
                    "per_person": True if spouse else None}
        )  # fmt: skip
    if home_now := content.logement:
        kinds = [kind for kind in home_now.kinds if to_sne("dwelling_kind", kind)]
        said["logement"] = type(home_now)(
            kind=kinds[0] if kinds else "", other_kinds=tuple(dict.fromkeys(kinds[1:])), rent=home_now.rent,
            occupants=home_now.occupants, category=home_now.category, type=home_now.type, surface=home_now.surface,
            owner_elsewhere=home_now.owner_elsewhere,
        )  # fmt: skip
    if content.motifs:
        codes = [code for ground in content.motifs.codes if (code := to_sne("ground", ground))]
        said["motifs"] = type(content.motifs)(codes=tuple(dict.fromkeys(codes)))
    if sought := content.recherche:
        said["recherche"] = type(sought)(
            category=sought.category, types=sought.types, communes=sought.communes, wider_area=sought.wider_area
        )
    return Content.model_validate(
        {name: rubric for name, rubric in said.items() if name == "identite" or rubric != type(rubric)()}
    )


def _named(person: Identity | MemberContent) -> Identity | MemberContent:
    born, used = person.birth_name or person.usage_name, person.usage_name
    return person.model_copy(update={"birth_name": born, "usage_name": "" if used == born else used})


def _known(amounts: dict[str, object]) -> dict[str, object]:
    return {code: amount for code, amount in amounts.items() if to_sne("resource", code)}


def _job(job: Job | None, kind: type[Job] = Job) -> Job | None:
    if job is None:
        return None
    commune = "" if job.commune == "ailleurs" else job.commune
    made = kind(
        contract=job.contract, profession=job.profession, employer=job.employer, postal_code=job.postal_code,
        abroad=job.abroad, commune=commune, town=commune_name(commune),
    )  # fmt: skip
    return None if made == kind() else made


def _members(content: Content) -> tuple[MemberContent, ...]:
    custody = (MemberRole.SHARED_CUSTODY, MemberRole.VISIT)
    order: dict[MemberRole, int] = {MemberRole.CO_APPLICANT: 0, MemberRole.DEPENDANT: 1, **dict.fromkeys(custody, 2)}
    held = [m for m in (content.menage.members if content.menage else ()) if m.role in order]
    made = []
    for member in sorted(held, key=lambda m: order[m.role]):
        member = _named(member)
        kept: dict[str, object] = {"role": member.role, "birth_date": member.birth_date}
        if member.role in custody:
            kept["sex"] = member.sex
        else:
            kept |= {name: getattr(member, name) for name in ("birth_name", "usage_name", "first_names")}
            spouse = member.role is MemberRole.CO_APPLICANT
            kept["link"] = member.link if to_sne("co_link" if spouse else "dependant_link", member.link) else ""
            if spouse:
                income = member.income and member.income.model_copy(update={"monthly": _known(member.income.monthly)})
                kept |= {"civility": member.civility, "nationality": member.nationality, "job": _job(member.job),
                         "income": None if income in (None, Income()) else income}  # fmt: skip
            else:
                kept["sex"] = member.sex
        made.append(MemberContent.model_validate(kept))
    return tuple(made)


@settings(max_examples=100, deadline=None)
@given(CONTENTS)
def test_what_the_format_carries_is_read_back_as_it_was(content: Content) -> None:
    (found,) = found_in(written(content))
    assert (found.faults, found.remarks) == ([], [])
    assert (found.cells["nud"], found.cells["filed_on"]) == (NUD, "2024-03-12")
    assert content_of(found) == carried(content)


def test_the_published_example_is_understood_whole() -> None:
    (found,) = found_in((DATA / "exemple-0200.xml").read_bytes())
    content = content_of(found)
    assert content.identite.birth_name == "Exemple"
    assert content.adresse
    assert (content.adresse.line, content.adresse.insee, content.adresse.abroad) == (
        "103 avenue Fictive",
        "62215",
        False,
    )
    assert content.adresse.town == "Carvin"
    assert content.travail
    assert (content.travail.contract, content.travail.profession) == ("CDI", "Agent de sécurité")
    assert content.ressources
    assert (content.ressources.rfr_n2, content.ressources.tax_year) == (20000, 2016)
    assert len(content.ressources.monthly) == 14
    assert (content.ressources.alimony_paid, content.ressources.per_person) == (120, True)
    assert content.menage
    spouse, child, shared, visiting = content.menage.members
    assert (spouse.usage_name, spouse.birth_name, spouse.link) == ("EXEMPLE", "FACTICE", "M")
    assert spouse.income
    assert spouse.income.monthly["SAL"] == 1000
    assert (child.role, child.sex, child.link) == (MemberRole.DEPENDANT, "F", "E")
    assert (shared.role, visiting.role) == (MemberRole.SHARED_CUSTODY, MemberRole.VISIT)
    assert (content.menage.unborn, content.menage.unborn_due) == (1, date(2018, 8, 1))
    assert content.logement
    assert (content.logement.kind, content.logement.owner_elsewhere) == ("LP", False)
    assert [remark.path for remark in found.remarks] == [
        "personnePhysique/listeCotitulaire/cotitulaire/situationFamiliale"
    ]


def test_what_has_no_column_is_told_with_its_path_and_line_and_never_its_value() -> None:
    xml = inside("MOD", "<personnePhysique><demandeur>\n<nir>285039912345678</nir>\n<animaux>chat</animaux></demandeur>"
                 "<complementHandicap><aide code='4'/></complementHandicap></personnePhysique>")  # fmt: skip
    (found,) = found_in(xml)
    assert [(remark.line, remark.path) for remark in found.remarks] == [
        (2, "personnePhysique/demandeur/nir"),
        (3, "personnePhysique/demandeur/animaux"),
        (3, "personnePhysique/complementHandicap"),
    ]
    assert "sécurité sociale" in found.remarks[0].sentence
    assert "santé" in found.remarks[2].sentence
    assert "285039912345678" not in str(found)
    assert "chat" not in str(found)


def test_a_legal_person_is_refused_in_words() -> None:
    xml = inside("CRE", "<personneMorale><raisonSociale>Association Fictive</raisonSociale></personneMorale>")
    (found,) = found_in(xml)
    assert "personne morale" in found.faults[0].sentence


def test_a_household_larger_than_a_row_is_a_fault_and_not_cut() -> None:
    child = "<personneACharge><prenom>Petit</prenom></personneACharge>"
    xml = inside(
        "CRE", f"<personnePhysique><listePersonneACharge>{child * 13}</listePersonneACharge></personnePhysique>"
    )
    (found,) = found_in(xml)
    assert "plus de 12" in found.faults[0].sentence


@pytest.mark.parametrize(
    ("movement", "demand", "cells"),
    [
        ("REN", "<dateRenouvellement>2026-11-02</dateRenouvellement>", {"movement": "REN", "renewed_on": "2026-11-02"}),
        ("REN", "", {"movement": "REN", "renewed_on": "2026-11-20"}),
        ("SUP", "", {"movement": "SUP"}),
        (
            "RAD",
            '<radiation><motifRadiation code="RADATT"/><dateRadiation>2026-11-01</dateRadiation><logement>'
            '<idRpls>62Z001</idRpls><typeReservataire code="COLTER"/></logement></radiation>',
            {"movement": "RAD", "struck_ground": "RADATT", "struck_on": "2026-11-01",
             "allocation": "logement/idRpls 62Z001|logement/typeReservataire COLTER"},
        ),
        (
            "RAD",
            '<radiation><motifRadiation code="RADIRR"/><sousMotifRadiationIrrecevabilite code="IRRRES"/>'
            "<dateAvis>2026-10-01</dateAvis></radiation>",
            {"movement": "RAD", "struck_ground": "RADIRR", "struck_why": "IRRRES", "noticed_on": "2026-10-01",
             "struck_on": "2026-11-20"},
        ),
        ("RAD", '<radiation><motifRadiation code=""/></radiation>', {"movement": "REP", "renewed_on": "2026-11-20"}),
        ("MOD", "", {}),
        ("COP", "", {}),
    ],
)  # fmt: skip
def test_each_movement_is_understood(movement: str, demand: str, cells: dict[str, str]) -> None:
    (found,) = found_in(inside(movement, demand))
    assert {code: cell for code, cell in found.cells.items() if cell and code != "nud"} == cells
    assert found.remarks == []


def test_a_radiation_is_written_as_it_is_read() -> None:
    life = Life(struck_on=date(2026, 11, 1), ground="RADIRR", why="IRRSEJ", noticed_on=date(2026, 9, 30))
    (found,) = found_in(written(Content(identite=Identity(birth_name="Exemple")), "RAD", life))
    said = {"movement": "RAD", "struck_ground": "RADIRR", "struck_why": "IRRSEJ", "struck_on": "2026-11-01",
            "noticed_on": "2026-09-30"}  # fmt: skip
    assert {name: found.cells[name] for name in said} == said


def test_a_merge_has_no_code_there_and_is_never_said_as_a_return() -> None:
    life = Life(struck_on=date(2026, 11, 1), ground="RADFUS")
    assert b"radiation" not in written(Content(identite=Identity(birth_name="Exemple")), "COP", life)


def _bomb() -> bytes:
    entities = b"".join(
        b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"boum") for n in range(12)
    )  # fmt: skip
    return b'<?xml version="1.0"?><!DOCTYPE a [' + entities + b"]><a>&l11;</a>"


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (_bomb(), "entités"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "entités"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://exemple.invalid/x">]><a>&x;</a>', "entités"),
        (b"<html/>", "interfaceNuu"),
        (b'<interfaceNuu versionInterface="02.01"/>', None),
        (b'<n:interfaceNuu versionInterface="09.99" xmlns:n="http://nuu.application.i2/"/>', "09.99"),
        (b'<n:interfaceNuu xmlns:n="http://nuu.application.i2/"/>', "non indiqu"),
        (b"", "mal form"),
        (HEAD + b"<n:demande>", "mal form"),
        (HEAD + b"\xff\xfe</n:interfaceNuu>", "mal form"),
        (b'<?xml version="1.0" encoding="x-inconnu"?><a/>', "encodage"),
        (OPEN + b"<a>" * 60, "niveaux"),
        (OPEN + b"<a/>" * 6_000, "éléments"),
        (OPEN + b"<a>" + b"x" * 200_000, "caractères"),
        (OPEN + b"<a>%s</a>" % (b"x" * 19_000) * 60, "caractères"),
        (OPEN + b'<a b="' + b"x" * 3_000_000, "n’en finit pas"),
        (HEAD + b"<!--" + b"x" * 3_000_000, "n’en finit pas"),
        (OPEN + b"<a " + b" ".join(b'a%d="x"' % n for n in range(50)) + b"/>", "attributs"),
    ],
)
def test_a_hostile_or_foreign_file_is_refused_at_once_with_a_sentence(xml: bytes, said: str | None) -> None:
    started = time.perf_counter()
    if said is None:
        assert found_in(xml) == []
    else:
        with pytest.raises(Refusal, match=said):
            found_in(xml)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "iso-8859-1", "windows-1252", "utf-16"])
def test_a_file_is_read_in_the_encoding_that_it_announces(encoding: str) -> None:
    xml = inside("CRE", "<personnePhysique><demandeur><nom>Élodie</nom></demandeur></personnePhysique>").decode()
    (found,) = found_in(f'<?xml version="1.0" encoding="{encoding[:12].removesuffix("-sig")}"?>{xml}'.encode(encoding))
    assert found.cells["birth_name"] == "Élodie"


def test_an_unknown_type_of_file_is_refused() -> None:
    with pytest.raises(Refusal, match="ABC"):
        found_in(inside("ABC", ""))


class _Endless(io.RawIOBase):
    """A file of many demands, made as it is read."""

    def __init__(self, count: int) -> None:
        one = inside("CRE", "<personnePhysique><demandeur><nom>Exemple</nom></demandeur></personnePhysique>")
        at, end = one.index(b"<demande>"), one.index(b"</interfaceNuu>")
        self.left: Iterator[bytes] = iter([one[:at], *[one[at:end]] * count, one[end:]])

    def read(self, size: int = -1) -> bytes:
        return next(self.left, b"")


def test_memory_does_not_grow_with_the_number_of_demands() -> None:
    def peak(count: int) -> int:
        stream: IO[bytes] = _Endless(count)  # type: ignore[assignment]
        tracemalloc.start()
        assert sum(1 for _ in reading.found_in(stream)) == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak(1)
    assert peak(1_000) < 2 * peak(100)


def test_a_file_becomes_rows_with_the_lines_of_its_demands(tmp_path: Path) -> None:
    path = tmp_path / "DEM.xml"
    good = writing.demand(Content(identite=Identity(birth_name="Exemple")), nud=NUD, filed_on=None, desk="G1226")
    path.write_bytes(b"".join(writing.document([good] * 3, AT, "CRE")))
    header = reading.titles(path)
    remarks: Counter[str] = Counter()
    first, last = reading.parts(path, header, 2, remarks)
    assert (first.lines, last.lines) == ([4, 5], [6])
    assert dict(zip(header, first.rows[0], strict=True))["Nom de naissance [demandeur/nomPatronymique]"] == "Exemple"
    assert len(header) < 400
    assert not remarks


def test_what_is_beside_the_demands_is_told_too(tmp_path: Path) -> None:
    path = tmp_path / "DEM.xml"
    path.write_bytes(inside("CRE", "").replace(b"</interfaceNuu>", b"<pied><total>1</total></pied></interfaceNuu>"))
    remarks: Counter[str] = Counter()
    list(reading.parts(path, reading.titles(path), 100, remarks))
    assert "Élément que Palier ne reprend pas\u00a0: interfaceNuu/pied." in remarks


def test_each_demand_has_its_line_even_in_a_file_of_one_line(tmp_path: Path) -> None:
    path = tmp_path / "DEM.xml"
    legal = "<demandeLogement><personneMorale><siret>1</siret></personneMorale></demandeLogement>"
    path.write_bytes(inside("CRE", "").replace(b"</demande>", legal.encode() * 2 + b"</demande>"))
    (part,) = reading.parts(path, reading.titles(path), 100)
    assert part.lines == [1, 2, 3]
    assert [fault.line for fault in part.faults] == [2, 3]


def test_every_column_is_proposed_by_its_title(tmp_path: Path) -> None:
    path = tmp_path / "DEM.xml"
    path.write_bytes(written(Content(identite=Identity(birth_name="Exemple"))))
    proposed = fields.proposed(reading.titles(path), whole.ALL)
    assert tuple(proposed.values()) == reading.columns()


@pytest.mark.parametrize(
    ("code", "element"),
    [
        ("nud", "numUnique"),
        ("family", "demandeur/situationFamiliale@code"),
        ("postal_code", "demandeur/adressePostale/codePostal"),
        ("phone", "demandeur/telPortable"),
        ("contract", "demandeur/situationProfessionnelle/typeContratTravail@code"),
        ("rfr_n2", "demandeur/revenuFiscal/montantMoins2"),
        ("rent", "logementActuel/montantMensuelLoyer"),
        ("menage_unborn_due", "personneANaitre/dateNaissancePrevue"),
        ("membre_2_sex", "sexe@code"),
        ("membre_2_email", "mel"),
        ("membre_2_job_contract", "situationProfessionnelle/typeContratTravail@code"),
        ("membre_2_income_rfr_n1", "revenuFiscal/montantMoins1"),
        ("struck_on", "radiation/dateRadiation"),
    ],
)
def test_each_column_says_the_element_it_comes_from(code: str, element: str) -> None:
    assert mapping.element_of(code) == element
    assert all(mapping.element_of(column) for column in reading.columns())


def test_what_a_demand_lacks_for_the_interface_is_said() -> None:
    content = Content(identite=Identity(birth_name="Exemple"))
    assert len(writing.lacking(content, None, "")) == 5
    assert writing.desk_of("0620324012345G1226") == "G1226"
    assert writing.file_name("G1226", AT) == "DEMG1226-202611220915-000000.xml"


def test_names_that_no_source_shows_are_listed() -> None:
    assert "listeMotifDemande/motifDemande@code" in mapping.UNSEEN
