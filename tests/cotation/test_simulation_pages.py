"""Each page of trials: works, stranger, missing right, bad input, number of queries; and those of the background."""

import gzip
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from palier.accounts.models import User
from palier.common import queue, yamlfile
from palier.common.clock import today
from palier.common.enums import WorkState
from palier.cotation.api import load_grid
from palier.cotation.models import GridDraft, Simulation, StockFile
from palier.cotation.simulation import services
from palier.cotation.stock import source
from palier.cotation.stock.mirror import Stock
from palier.journal import api as journal
from palier.territory.models import Territory
from tests.factories import make_agent, make_commune, make_place, make_territory, sign_in

from .samples import grid_value, text_of
from .stocks import coordinator
from .test_simulation import CHILDREN, DALO, HOME, SUM, VIOLENCE, WAITING, stock

GRID = text_of(grid_value([WAITING, DALO, CHILDREN, VIOLENCE], familles=[SUM, HOME]))
DRAFT = text_of(grid_value([WAITING, {**DALO, "points": 20}, CHILDREN, VIOLENCE], familles=[SUM, HOME], version=2))
LINE = {"demande": {"date_depot": "2024-03-12"}, "labels": {"dalo": True}}


@dataclass(frozen=True)
class Office:
    """A coordinator, their browser, and a draft to try on 150 demands of their territory."""

    territory: Territory
    user: User
    client: Client
    draft: GridDraft

    def asked(self, **changed: Any) -> dict[str, Any]:
        return {
            "brouillon": self.draft.pk, "stock": "territoire", "premiers": 40, "seuil": 5, "note": "declaree",
        } | changed  # fmt: skip


@pytest.fixture
def office(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Office:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(source, "stock_of", lambda territory_id, on: stock())
    territory = make_territory()
    for insee, name in (("62427", "Hénin-Beaumont"), ("62215", "Carvin")):
        make_commune(territory, insee=insee, name=name)
    load_grid(territory, yamlfile.parse(GRID, "grille.yaml"), today())
    user = coordinator(territory)
    draft = GridDraft.objects.create(
        territory=territory, title="Version d’essai", source=DRAFT, created_by=user, updated_by=user
    )
    return Office(territory, user, sign_in(Client(), user), draft)


@pytest.fixture
def stranger(office: Office) -> Client:
    return sign_in(Client(), coordinator(make_territory()))


NOW = "cotation:trial_now"


def test_a_trial_is_shown_at_once_and_nothing_is_kept(office: Office, django_assert_max_num_queries: Any) -> None:
    assert office.client.get(reverse("cotation:trials")).status_code == 200
    with django_assert_max_num_queries(14):
        response = office.client.get(reverse(NOW), office.asked())
    page = response.content.decode()
    assert response.status_code == 200
    assert "150\u00a0demandes actives du territoire" in page
    assert "Rien n’est enregistré" in page
    assert "«\u00a0Critère dalo\u00a0»\u00a0: ce public prioritaire recule" in page
    assert "La commission d’attribution décide" in page
    assert not Simulation.objects.exists()
    assert not re.search(r"\sstyle=|<style|javascript:", page)
    pictures = re.findall(r"<svg[^>]*>", page)
    assert all("role" in one or 'aria-hidden="true"' in one or "focusable" in one for one in pictures)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_both_figures_can_be_tried(office: Office) -> None:
    page = office.client.get(reverse(NOW), office.asked(note="verifiee")).content.decode()
    assert "Notes vérifiées" in page


def test_an_example_compares_both_notes_without_saying_who(office: Office) -> None:
    page = office.client.get(reverse(NOW), office.asked(exemple=0)).content.decode()
    assert "Les deux notes, ligne par ligne" in page
    assert "Ni nom, ni numéro, ni jour exact" in page
    body = page.split("<main", 1)[1]
    # Only the day of the calculation is told to the day.
    assert set(re.findall(r"\ble (\d{1,2} \w+ \d{4})", body)) == set()
    for wrong in ("999", "-1", "x", "99999999"):
        assert office.client.get(reverse(NOW), office.asked(exemple=wrong)).status_code == 404


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"brouillon": "9999999"}, "Sélectionnez un choix valide"),
        ({"stock": "autre"}, "Sélectionnez un choix valide"),
        ({"premiers": 0}, "supérieure ou égale à 1"),
        ({"seuil": "beaucoup"}, "nombre entier"),
        ({"note": ""}, "obligatoire"),
    ],
)
def test_a_wrong_question_is_told_beside_its_field(office: Office, changed: dict[str, Any], said: str) -> None:
    response = office.client.get(reverse(NOW), office.asked(**changed))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert office.client.get(reverse("cotation:trial_now_report"), office.asked(**changed)).status_code == 404


def test_a_draft_with_errors_says_the_first(office: Office) -> None:
    GridDraft.objects.update(source="format: rien\n")
    response = office.client.get(reverse(NOW), office.asked())
    assert response.status_code == 422
    assert "ne peut pas encore être essayé" in response.content.decode()
    assert office.client.get(reverse("cotation:trial_now_table", args=["groupes"]), office.asked()).status_code == 404


def test_without_a_grid_in_force_the_page_says_so(stranger: Client) -> None:
    assert "Aucune grille n’est en vigueur" in stranger.get(reverse("cotation:trials")).content.decode()
    assert stranger.get(reverse(NOW)).status_code in (200, 422)


def test_the_report_is_a_tagged_pdf_and_each_table_a_csv(office: Office) -> None:
    response = office.client.get(reverse("cotation:trial_now_report"), office.asked())
    assert response["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(response.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-FR"
        assert b"pdfuaid" in pdf.Root.Metadata.read_bytes()
    table = office.client.get(reverse("cotation:trial_now_table", args=["groupes"]), office.asked())
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    assert "Première demande ou mutation;Mutation" in table.content.decode("utf-8-sig")
    assert office.client.get(reverse("cotation:trial_now_table", args=["autre"]), office.asked()).status_code == 404


# The background


def launch(office: Office, monkeypatch: pytest.MonkeyPatch, **changed: Any) -> Simulation:
    monkeypatch.setattr(services, "MOST_AT_ONCE", 100)
    page = office.client.get(reverse(NOW), office.asked(**changed)).content.decode()
    assert "Ce stock compte 150\u00a0demandes" in page or "Ce stock compte 150 demandes" in page
    response = office.client.post(reverse("cotation:trial_start"), office.asked(**changed))
    assert response.status_code == 302
    return Simulation.objects.get()


def test_a_large_trial_runs_apart_and_is_kept_until_deleted(
    office: Office, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        trial = launch(office, monkeypatch)
    address = reverse("cotation:trial", args=[trial.pk])
    page = office.client.get(address).content.decode()
    assert "Le calcul va commencer" in page
    assert f'<a href="{address}">Actualiser</a>' in page  # without a script, and never on a timer
    assert "http-equiv" not in page
    queue.run_all()
    trial.refresh_from_db()
    assert (trial.state, trial.failure) == (WorkState.READY, "")
    assert trial.done == trial.total > 0
    # The page that was waiting is told to come again, and shows what was found.
    assert office.client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = office.client.get(address).content.decode()
    assert "gardé jusqu’à ce que vous le supprimiez" in page
    assert "ligne par ligne" in office.client.get(address, {"exemple": 0}).content.decode()
    assert office.client.get(reverse("cotation:trial_report", args=[trial.pk])).content.startswith(b"%PDF")
    assert office.client.get(reverse("cotation:trial_table", args=[trial.pk, "alertes"])).status_code == 200
    delete = reverse("cotation:trial_delete", args=[trial.pk])
    assert "Le brouillon reste" in office.client.get(delete).content.decode()
    assert Simulation.objects.exists()
    assert office.client.post(delete).status_code == 302
    assert not Simulation.objects.exists()
    assert {entry.label for entry in journal.history("trial", trial.pk)} == {
        services.ACTIONS[key] for key in ("trial.started", "trial.deleted")
    }


def test_a_large_trial_that_fails_says_why(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = launch(office, monkeypatch)
    Simulation.objects.update(source="format: rien\n")
    from palier.cotation.simulation.tasks import work

    work.call(trial.pk)
    page = office.client.get(reverse("cotation:trial", args=[trial.pk])).content.decode()
    assert "ne peut pas encore être essayé" in page
    polled = office.client.get(reverse("cotation:trial", args=[trial.pk]), headers={"HX-Request": "true"})
    assert polled["HX-Refresh"] == "true"
    assert office.client.get(reverse("cotation:trial_report", args=[trial.pk])).status_code == 404
    # Asked again for a work that is over, the worker does nothing.
    work.call(trial.pk)
    monkeypatch.setattr(services, "MOST_KEPT", 1)
    full = office.client.post(reverse("cotation:trial_start"), office.asked())
    assert "supprimez-en un d’abord" in full.content.decode()


# Files


def upload(office: Office, content: bytes, name: str = "Sans nom") -> Any:
    file = SimpleUploadedFile("stock.jsonl", content)
    return office.client.post(reverse("cotation:stock_file_new"), {"name": name, "file": file})


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_without_names_is_kept_tried_and_deleted(office: Office, compressed: bool) -> None:
    assert "catalogue des champs" in office.client.get(reverse("cotation:stock_file_new")).content.decode()
    lines = "\n".join(json.dumps(LINE) for _ in range(30)).encode()
    assert upload(office, gzip.compress(lines) if compressed else lines).status_code == 302
    file = StockFile.objects.get()
    path = services.folder() / file.file
    assert (file.size, Stock.load(path).size) == (30, 30)
    page = office.client.get(reverse(NOW), office.asked(stock=file.pk)).content.decode()
    assert "30\u00a0demandes du fichier" in page
    delete = reverse("cotation:stock_file_delete", args=[file.pk])
    assert "On ne pourra pas" in office.client.get(delete).content.decode()
    assert office.client.post(delete).status_code == 302
    assert not path.exists()
    assert not StockFile.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "aucune demande"),
        (b'{"demande": {"nom": "Exemple"}}\n', "champ inconnu"),
        (b"\xff\xfe\n", "UTF-8"),
        (b"\x1f\x8bpas du gzip", "abîmé"),
        (b'{"demande": {"numero_unique": "0621126000001G1226"}}\n', "ne porte pas de numéro unique"),
    ],
)
def test_a_wrong_file_is_told_by_line_and_nothing_is_kept(office: Office, content: bytes, said: str) -> None:
    response = upload(office, content)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not StockFile.objects.exists()
    assert not list(services.folder().glob("*"))


def test_files_are_not_kept_without_end_and_a_lost_one_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(office, json.dumps(LINE).encode())
    file = StockFile.objects.get()
    (services.folder() / file.file).unlink()
    response = office.client.get(reverse(NOW), office.asked(stock=file.pk))
    assert "n’est plus lisible" in response.content.decode()
    monkeypatch.setattr(services, "MOST_FILES", 1)
    assert "1 fichiers au plus" in upload(office, json.dumps(LINE).encode()).content.decode()


# Who may come


def test_another_territory_and_another_right_find_nothing(
    office: Office, stranger: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(office, json.dumps(LINE).encode())
    file, trial = StockFile.objects.get(), launch(office, monkeypatch)
    agent = sign_in(Client(), make_agent(make_place(office.territory)))
    mine = [
        reverse("cotation:trial", args=[trial.pk]), reverse("cotation:trial_report", args=[trial.pk]),
        reverse("cotation:trial_table", args=[trial.pk, "groupes"]), reverse("cotation:trial_delete", args=[trial.pk]),
        reverse("cotation:stock_file_delete", args=[file.pk]),
    ]  # fmt: skip
    for client in (stranger, agent):
        assert {client.get(address).status_code for address in mine} == {404}
        assert {client.post(address).status_code for address in mine[3:]} == {404}
    assert {
        agent.get(reverse(f"cotation:{name}")).status_code for name in ("trials", "trial_now", "stock_file_new")
    } == {404}
    assert stranger.get(reverse(NOW), office.asked(stock=file.pk)).status_code in (200, 422)
    assert Simulation.objects.count() == StockFile.objects.count() == 1
