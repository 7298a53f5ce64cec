"""Importing a file of the national system: what is understood, refused, written, brought up to date, taken back."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client
from django.urls import reverse

from palier.common import queue
from palier.common.enums import WorkState
from palier.common.errors import Refusal
from palier.demand.content import Content
from palier.demand.exchange import fields, making, mending, reading, services, writing
from palier.demand.exchange.checking import Checker
from palier.demand.exchange.models import DemandImport
from palier.demand.models import Demand, Snapshot
from palier.duties.models import Duty
from palier.people.models import Address, Household, NameKey, Person, PersonWord
from tests.demand.conftest import ON, Desk
from tests.factories import sign_in

KNOWN = fields.Known(ON, date(1980, 1, 1), {"carvin": "62215", "62215": "62215", "henin beaumont": "62427"})
TITLES = ("numUnique", "Date de dépôt", "Nom de naissance", "Prénom", "Date de naissance", "Courriel", "Motifs",
          "Communes souhaitées", "Loyer", "Ville", "Téléphone")  # fmt: skip
ROW = ("062032401234501226", "12/03/2024", "Factice", "Aline", "01/02/1985", "a@exemple.invalid", "9, 13",
       "Carvin|75113", "650,50", "Carvin", "06 12 34 56 78")  # fmt: skip


def a_file(*rows: tuple[str, ...], titles: tuple[str, ...] = TITLES, encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([titles, *rows])
    return text.getvalue().encode(encoding)


def row(**changed: str) -> tuple[str, ...]:
    named = dict(zip(("nud", "filed", "name", "first", "born", "mail", "grounds", "communes", "rent", "town", "phone"),
                     ROW, strict=True))  # fmt: skip
    return tuple((named | changed).values())


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def checked(content: bytes, tmp_path: Path) -> Any:
    path = tmp_path / "essai.csv"
    path.write_bytes(content)
    shape = reading.shape_of(path)
    checker = Checker(fields.proposed(shape.header), KNOWN, len(shape.header))
    return [checker.check(part) for part in reading.parts(path, shape)][-1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_file_is_read_whatever_its_encoding_and_separator(encoding: str, delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(f'Prénom{delimiter}Né le\r\n"Zoé\nInventée"{delimiter}x\r\n\r\n'.encode(encoding))
    shape = reading.shape_of(path)
    assert (shape.header, shape.delimiter) == (("Prénom", "Né le"), delimiter)
    part = next(reading.parts(path, shape))
    assert (part.lines, part.rows) == ([3], [["Zoé\nInventée", "x"]])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"\n\n", "vide"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "XML"),
        ("numUnique;Nom".encode("utf-16"), "texte que Palier sait lire"),
        (b"a;b\0;c\n", "texte que Palier sait lire"),
        (b";".join([b"x"] * 501) + b"\n", "colonnes"),
        (b"x" * 200_000, "n’en finit pas"),
        (b"a;b\n" * 5_000 + b"c;\0\n", "texte que Palier sait lire"),
        (b'"a;b\n' + b"1;2\n" * 100, "guillemet"),
    ],
)
def test_what_is_no_csv_file_is_refused_with_a_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(Refusal, match=said):
        reading.shape_of(path)


def test_a_quotation_mark_never_closed_does_not_swallow_the_file(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b'a;b\n1;"2\n' + b"3;4\n" * 5000)
    with pytest.raises(Refusal, match="guillemet"):
        list(reading.parts(path, reading.shape_of(path)))


def test_empty_rows_cost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"a;b\n" + b";\n" * 50_000)
    assert list(reading.parts(path, reading.shape_of(path))) == []


def test_a_row_is_understood_as_the_form_has_it(tmp_path: Path) -> None:
    found = checked(a_file(ROW), tmp_path)
    assert found.faults == []
    content = Content.model_validate_json(next(writing.contents_of(found.values)))
    assert content.identite.birth_date == date(1985, 2, 1)
    assert content.motifs
    assert content.motifs.codes == ("09", "13")
    assert content.recherche
    assert content.recherche.communes == ("62215",)
    assert content.logement
    assert str(content.logement.rent) == "650.5"
    assert content.menage is None
    assert content.situation is None


def test_the_content_written_is_the_one_that_a_page_would_write(tmp_path: Path) -> None:
    found = checked(a_file(row(name='Modèle "%s" \\ 100 %')), tmp_path)
    import json

    raw = next(writing.contents_of(found.values))
    assert json.loads(raw) == Content.model_validate_json(raw).model_dump(mode="json", exclude_unset=True)


@pytest.mark.parametrize(
    ("changed", "column", "said"),
    [
        ({"nud": ""}, 0, "vide"),
        ({"nud": "6,2E+16"}, 0, "numéro unique"),
        ({"filed": "31/02/2024"}, 1, "calendrier"),
        ({"filed": "01/01/2031"}, 1, "futur"),
        ({"filed": "mars 2024"}, 1, "jour/mois/année"),
        ({"name": "x" * 121}, 2, "trop long"),
        ({"name": "=cmd|'/c calc'!A1"}, 2, "formule"),
        ({"born": "01/01/1850"}, 4, "120 ans"),
        ({"grounds": "99"}, 6, "liste"),
        ({"communes": "Nulle-Part"}, 7, "territoire"),
        ({"rent": "beaucoup"}, 8, "montant"),
        ({"rent": "NaN"}, 8, "hors"),
    ],
)
def test_each_fault_says_its_line_its_column_and_what_to_do(
    changed: dict[str, str], column: int, said: str, tmp_path: Path
) -> None:
    found = checked(a_file(row(nud="062032401234501999"), row(**changed)), tmp_path)
    assert [(fault.line, fault.column) for fault in found.faults] == [(3, column)]
    assert said in found.faults[0].sentence
    assert (found.lines, found.refused) == ([2], 1)


def test_a_number_met_twice_and_a_row_of_another_width_are_faults(tmp_path: Path) -> None:
    found = checked(a_file(ROW, ROW, ROW[:4]), tmp_path)
    assert [(fault.line, fault.column) for fault in found.faults] == [(3, 0), (4, None)]
    assert found.lines == [2]


def brought(desk: Desk, content: bytes) -> DemandImport:
    """A file brought, checked and written."""
    work = services.add_file(desk.actor, SimpleUploadedFile("sne.csv", content), ON)
    services.set_columns(desk.actor, work, services.columns_of(work))
    queue.run_all()
    work.refresh_from_db()
    assert (work.state, work.failure) == (WorkState.READY, "")
    services.start_writing(desk.actor, work)
    queue.run_all()
    work.refresh_from_db()
    assert (work.state, work.failure) == (WorkState.READY, "")
    return work


def test_a_new_row_becomes_a_registered_demand_as_the_pages_write_it(here: Desk) -> None:
    work = brought(here, a_file(ROW, row(nud="062112612345001226", filed="10/11/2026", name="Inventée"), row(nud="x")))
    assert (work.created, work.refused, Demand.objects.count()) == (2, 1, 2)
    demand = Demand.objects.get(nud=ROW[0])
    assert (demand.status, demand.filed_on, demand.place_id) == ("registered", date(2024, 3, 12), here.place.pk)
    assert demand.household.label == "Aline Factice"
    assert Person.objects.get(birth_name="Factice").phone == "+33612345678"
    assert Address.objects.get(household=demand.household).town == "Carvin"
    snapshot = Snapshot.objects.get(demand=demand)
    assert (snapshot.source, snapshot.content) == ("import", demand.content)
    assert set(PersonWord.objects.filter(person__birth_name="Factice").values_list("word", flat=True)) == {
        "factice", "aline",
    }  # fmt: skip
    assert NameKey.objects.filter(word="factice", key="factic").exists()
    # The month to receive is over for the first one when it comes.
    assert list(Duty.objects.values_list("subject_id", flat=True)) == [Demand.objects.get(filed_on__year=2026).pk]
    assert not services.path_of(work).exists()


def test_the_same_file_again_changes_nothing_and_a_changed_row_makes_one_snapshot(here: Desk) -> None:
    brought(here, a_file(ROW))
    again = brought(here, a_file(ROW))
    assert (again.created, again.updated, again.same, Snapshot.objects.count()) == (0, 0, 1, 1)
    changed = brought(here, a_file(row(rent="700", mail="")))
    assert (changed.updated, Snapshot.objects.count(), Demand.objects.count()) == (1, 2, 1)
    content = Demand.objects.get().answers
    assert content.logement
    assert content.logement.rent == 700
    assert content.adresse
    assert content.adresse.email == "a@exemple.invalid"


def test_a_demand_of_another_organisation_is_left_alone(here: Desk, elsewhere: Desk) -> None:
    brought(elsewhere, a_file(ROW))
    work = brought(here, a_file(row(rent="700")))
    assert (work.created, work.updated, work.refused) == (0, 0, 1)
    assert "autre organisme" in work.faults[0][3]


def test_an_import_killed_between_two_parts_goes_on_without_doubling(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "AT_ONCE", 2)
    rows = [row(nud=f"06203240123450{number:04d}") for number in range(5)]
    work = services.add_file(here.actor, SimpleUploadedFile("sne.csv", a_file(*rows)), ON)
    services.set_columns(here.actor, work, services.columns_of(work))
    queue.run_all()
    services.start_writing(here.actor, work)
    real, calls = writing.create, []

    def dies(*args: Any) -> list[int]:
        calls.append(1)
        if len(calls) == 2:
            raise MemoryError
        return real(*args)

    monkeypatch.setattr(writing, "create", dies)
    queue.run_all()
    assert (Demand.objects.count(), DemandImport.objects.get().done) == (2, 2)
    DemandImport.objects.update(seen_at=None)
    from palier.demand.exchange.tasks import work as task

    task.enqueue(work.pk)
    queue.run_all()
    work.refresh_from_db()
    assert (work.state, work.created, Demand.objects.count()) == (WorkState.READY, 5, 5)


def test_undoing_deletes_what_nobody_touched(here: Desk) -> None:
    rows = [row(nud=f"06203240123450{number:04d}", filed="10/11/2026") for number in range(3)]
    work = brought(here, a_file(*rows))
    touched = Demand.objects.order_by("pk")[1]
    from palier.demand.services import set_nud

    set_nud(here.actor, touched.pk, "062032401234599999")
    services.start_undoing(here.actor, work)
    queue.run_all()
    work.refresh_from_db()
    assert (work.state, work.created) == (WorkState.READY, 1)
    assert list(Demand.objects.values_list("pk", flat=True)) == [touched.pk]
    assert (Person.objects.count(), Household.objects.count(), Duty.objects.count()) == (1, 1, 1)


def upload(client: Client, content: bytes) -> Any:
    return client.post(reverse("demand:imports"), {"file": SimpleUploadedFile("sne.csv", content)})


def test_an_agent_goes_from_the_file_to_the_demands_and_back(here: Desk, agent: Client) -> None:
    page = upload(agent, a_file(ROW, row(nud="", name="=1+1")))
    address = page["Location"]
    page = agent.get(address)
    assert "Vérifier tout le fichier" in page.content.decode()
    assert "Cette cellule contient une formule" in page.content.decode()
    chosen = {field.html_name: field.initial for field in page.context["form"]}
    agent.post(address, chosen)
    assert "Vérification du fichier" in agent.get(address).content.decode()
    queue.run_all()
    page = agent.get(address).content.decode()
    assert "1\u00a0ligne est prête\u202f; 1\u00a0autre a une erreur" in page
    assert "Ligne 3" in page
    pk = DemandImport.objects.get().pk
    told = b"".join(agent.get(reverse("demand:import_faults", args=[pk]))).decode("utf-8-sig")
    assert "3;Nom de naissance;'=1+1;Cette cellule contient une formule" in told
    agent.post(reverse("demand:import_write", args=[pk]))
    queue.run_all()
    assert "Demandes importées" in agent.get(address).content.decode()
    assert "seront supprimées" in agent.get(reverse("demand:import_undo", args=[pk])).content.decode()
    agent.post(reverse("demand:import_undo", args=[pk]))
    queue.run_all()
    assert "Toutes les demandes créées par cet import ont été supprimées" in agent.get(address).content.decode()
    agent.post(reverse("demand:import_delete", args=[pk]))
    assert not DemandImport.objects.exists()
    assert list(services.folder().iterdir()) == []


def test_the_choice_of_columns_is_remembered_for_the_same_titles(here: Desk, agent: Client) -> None:
    upload(agent, a_file(ROW))
    work = DemandImport.objects.get()
    services.set_columns(here.actor, work, {c: k for c, k in services.columns_of(work).items() if k != "rent"})
    upload(agent, a_file(ROW))
    assert "8" not in DemandImport.objects.latest("pk").columns


@pytest.mark.parametrize(
    ("chosen", "said"),
    [({"column_0": "nud", "column_1": "nud"}, "Deux colonnes"), ({"column_0": "nud"}, "il manque"),
     ({"column_0": "nimporte"}, "Sélectionnez")],
)  # fmt: skip
def test_columns_that_do_not_fit_are_said(chosen: dict[str, str], said: str, here: Desk, agent: Client) -> None:
    page = agent.post(upload(agent, a_file(ROW))["Location"], chosen)
    assert page.status_code == 422
    assert said in page.content.decode()


@pytest.mark.parametrize(("content", "said"), [(b"", "vide"), (b"PK\x03\x04...", "classeur")])
def test_a_file_that_cannot_be_read_is_refused_on_the_page(content: bytes, said: str, agent: Client) -> None:
    page = upload(agent, content)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert list(services.folder().iterdir()) == []


def test_an_import_is_not_found_by_another_desk_and_refused_without_the_right(
    here: Desk, elsewhere: Desk, informer: Desk
) -> None:
    work = services.add_file(here.actor, SimpleUploadedFile("sne.csv", a_file(ROW)), ON)
    names = ("import", "import_columns", "import_undo", "import_faults", "import_delete")
    other, without = sign_in(Client(), elsewhere.user), sign_in(Client(), informer.user)
    for name in names:
        assert other.get(reverse(f"demand:{name}", args=[work.pk])).status_code == 404
        assert without.get(reverse(f"demand:{name}", args=[work.pk])).status_code in (403, 404)
    assert other.post(reverse("demand:import_write", args=[work.pk])).status_code == 404
    with pytest.raises(Http404):
        services.add_file(informer.actor, SimpleUploadedFile("sne.csv", a_file(ROW)), ON)


def test_pages_of_imports_keep_to_a_few_queries(here: Desk, agent: Client, django_assert_max_num_queries: Any) -> None:
    work = brought(here, a_file(ROW))
    for address in (reverse("demand:imports"), reverse("demand:import", args=[work.pk])):
        agent.get(address)
        with django_assert_max_num_queries(8):
            agent.get(address)


def test_what_a_file_said_of_people_is_forgotten_after_a_month(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    work = services.add_file(here.actor, SimpleUploadedFile("sne.csv", a_file(row(nud=""))), ON)
    services.set_columns(here.actor, work, services.columns_of(work))
    queue.run_all()
    monkeypatch.setattr(services, "KEPT", timedelta(days=-1))
    services.forget()
    work.refresh_from_db()
    assert (work.faults, list(services.folder().iterdir())) == ([], [])


PEOPLE = ("numUnique", "Date de dépôt", "Rôle", "Nom de naissance", "Prénom", "Date de naissance", "Lien", "Loyer")


def people_file(*rows: str) -> bytes:
    return "\n".join([";".join(PEOPLE), *rows]).encode()


def test_rows_of_one_number_make_one_demand_wherever_they_are(here: Desk, agent: Client) -> None:
    one, two = "062032401234501226", "062032401234501227"
    content = people_file(
        f"{one};12/03/2024;Demandeur;Factice;Aline;01/02/1985;;650",
        f"{two};13/03/2024;Demandeur;Inventée;Zoé;01/02/1990;;",
        f"{one};;Enfant;Factice;Tom;03/04/2015;enfant;",
        f"{two};13/03/2024;Conjoint;Modèle;Ivan;01/02/1991;;700",
        f"{one};;Co-demandeur;Exemple;Paul;05/06/1984;;650",
    )
    assert upload(agent, content).status_code == 302
    work = DemandImport.objects.get()
    page = agent.get(reverse("demand:import_columns", args=[work.pk])).content.decode()
    said = page.replace("\u00a0", " ")
    assert "une ligne par personne" in said
    assert "5 premières lignes : 2 demandes, de 3 personnes au plus" in said
    work = brought(here, content)
    assert (work.created, work.refused, work.members) == (2, 0, 2)
    first, second = Demand.objects.order_by("nud")
    assert [(one.role, one.first_names) for one in first.answers.menage.members] == [
        ("dependant", "Tom"), ("co_applicant", "Paul"),
    ]  # fmt: skip
    assert first.answers.menage.members[0].link == "E"
    assert (second.answers.identite.first_names, str(second.answers.logement.rent)) == ("Zoé", "700")
    assert (Person.objects.count(), Snapshot.objects.count()) == (5, 2)
    again = brought(here, content)
    assert (again.created, again.updated, again.same) == (0, 0, 2)
    # Somebody new in the file comes in; nobody leaves.
    more = brought(here, content + f"\n{two};;Enfant;Inventée;Léa;01/01/2026;;".encode())
    assert (more.updated, more.same, Person.objects.count()) == (1, 1, 6)


def test_faults_of_a_person_say_their_own_line_and_are_mended(here: Desk) -> None:
    number = "0620324012345{:05d}"
    work = services.add_file(here.actor, SimpleUploadedFile("sne.csv", people_file(
        f"{number.format(1)};12/03/2024;Demandeur;Factice;Aline;01/02/1985;;",
        f"{number.format(1)};;Enfant;Factice;Tom;31/02/2015;;",
        f"{number.format(2)};12/03/2024;Enfant;Factice;Léa;01/02/2015;;",
        f"{number.format(3)};12/03/2024;Demandeur;Factice;Zoé;01/02/1985;;",
        f"{number.format(3)};12/03/2024;Demandeur;Factice;Ivan;01/02/1985;;",
        f"{number.format(4)};12/03/2024;Demandeur;Factice;Ana;01/02/1985;;",
        f"{number.format(4)};;Cousin;Factice;Max;01/02/1995;;",
        ";12/03/2024;Enfant;Factice;Lou;01/02/2015;;",
        *[f"{number.format(5)};12/03/2024;{'Enfant' if rank else 'Demandeur'};Factice;P{rank};01/02/1985;;"
          for rank in range(14)],
    )), ON)  # fmt: skip
    services.set_columns(here.actor, work, services.columns_of(work))
    queue.run_all()
    work.refresh_from_db()
    titles = services.wide_of(work)[0]
    told = [(line, None if at is None else titles[at], said.split(".")[0]) for line, at, _, said in work.faults]
    assert told == [
        (2, "Date de naissance, personne 2", "Ligne 3\u00a0: Ce jour n’existe pas dans le calendrier"),
        (4, "Rôle", "Aucune ligne de ce numéro unique n’est celle du demandeur"),
        (5, "Rôle, personne 2", "Ligne 6\u00a0: Ce ménage a déjà un demandeur\u00a0: dites la place de cette personne"),
        (7, "Rôle, personne 2", "Ligne 8\u00a0: Ce code n’est pas dans la liste du formulaire"),
        (9, "numUnique", "Cette cellule est vide, et il la faut pour enregistrer"),
        (9, "Rôle", "Aucune ligne de ce numéro unique n’est celle du demandeur"),
        (10, None, "Ce ménage compte plus de 12 autres personnes\u00a0: complétez-le au dossier"),
    ]
    assert work.unknown == {"membre_1_role": {"cousin": 1}} or work.unknown == {"membre_1_role": {"Cousin": 1}}
    column = titles.index("Date de naissance, personne 2")
    assert mending.mend(here.actor, work, 2, {column: "28/02/2015"}) == []
    assert mending.mend(here.actor, work, 10, {}) != []
    mending.translate(here.actor, work, [("membre_1_role", next(iter(work.unknown["membre_1_role"])), "other_adult")])
    queue.run_all()
    work.refresh_from_db()
    assert sorted(work.rows.values_list("line", flat=True)) == [2, 7]


def test_a_repeated_number_without_role_is_told_in_the_preview(here: Desk, agent: Client) -> None:
    upload(agent, a_file(ROW, ROW, row(nud="062112612345001226")))
    work = DemandImport.objects.get()
    page = agent.get(reverse("demand:import_columns", args=[work.pk])).content.decode()
    assert "Un même numéro unique revient sur 2 lignes" in page
    # « Rang » means nothing of people when each number has one row.
    upload(agent, a_file((*ROW, "3"), titles=(*TITLES, "Rang")))
    assert "person_role" not in DemandImport.objects.latest("pk").columns.values()
