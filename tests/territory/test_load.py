"""Loading a territory: all or nothing, idempotent, telling what changes, closing instead of deleting."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from palier.common.actor import SYSTEM
from palier.common.errors import Refusal
from palier.common.yamlfile import Problem, Source
from palier.journal import api as journal
from palier.law import api as law
from palier.territory import files, services
from palier.territory.files import Folder, Part, read_folder
from palier.territory.models import Commune, Membership, Organisation, Place, Territory
from tests.factories import make_user

ON = date(2026, 11, 22)
pytestmark = pytest.mark.django_db


def load(path: Path, on: date = ON, *, dry_run: bool = False) -> list[str]:
    folder, problems = read_folder(path)
    assert problems == []
    return services.load(SYSTEM, folder, on, dry_run=dry_run)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def without_the_landlord(folder: Path) -> None:
    network = folder / "reseau.yaml"
    network.write_text(network.read_text(encoding="utf-8").partition("  - id: bailleur-modele")[0], encoding="utf-8")


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Territory, Commune, Organisation, Place)]


def test_the_first_load_writes_what_the_files_say(folder: Path) -> None:
    changes = load(folder)
    assert len(changes) == 7
    place = Place.objects.get(slug="mairie-bourg-factice")
    assert (place.level, place.town, place.phone, place.outside) == (2, "Bourg-Factice", "0399000002", False)
    assert place.opening_lines == ["Le lundi et le mardi\u00a0: 8\u00a0h\u00a030 – 12\u00a0h"]
    outside = Place.objects.get(slug="agence-modele")
    assert (outside.level, outside.town, outside.outside, outside.by_appointment) == (1, "Ville-Exemple", True, None)
    assert Territory.objects.get().phone == "0399000001"


def test_the_second_load_changes_nothing_and_writes_nothing_in_the_journal(folder: Path) -> None:
    load(folder)
    before = everything()
    written = len(journal.history("territory", Territory.objects.get().pk, 10))
    assert load(folder) == []
    assert everything() == before
    assert len(journal.history("territory", Territory.objects.get().pk, 10)) == written == 1


def test_a_change_is_told_with_its_old_and_new_value(folder: Path) -> None:
    load(folder)
    edit(folder / "reseau.yaml", "03 99 00 00 02", "03 99 00 00 03")
    edit(folder / "reseau.yaml", '        commune: "99001"', '        commune: "99002"\n        sur_rendez_vous: true')
    assert load(folder) == [
        "~ lieu «\u00a0Mairie de Bourg-Factice\u00a0» (mairie-bourg-factice)\u00a0: "
        "téléphone «\u00a00399000002\u00a0» → «\u00a00399000003\u00a0»",
        "~ lieu «\u00a0Mairie de Bourg-Factice\u00a0» (mairie-bourg-factice)\u00a0: sur rendez-vous (rien) → oui",
        "~ lieu «\u00a0Mairie de Bourg-Factice\u00a0» (mairie-bourg-factice)\u00a0: "
        "commune «\u00a0Bourg-Factice\u00a0» → «\u00a0Mont-Fictif\u00a0»",
    ]
    assert Place.objects.get(slug="mairie-bourg-factice").phone == "0399000003"


def test_what_left_the_files_is_closed_with_the_agents_it_concerns_and_can_reopen(folder: Path) -> None:
    load(folder)
    agency = Place.objects.get(slug="agence-modele")
    Membership.objects.create(
        user=make_user(), organisation=agency.organisation, place=agency, role="informer", since=date(2026, 1, 1)
    )
    whole = (folder / "reseau.yaml").read_text(encoding="utf-8")
    without_the_landlord(folder)
    changes = load(folder)
    assert [change.partition("\u00a0: ")[2] for change in changes] == ["fermé", "fermé (1\u00a0agent y travaille)"]
    agency.refresh_from_db()
    assert agency.closed_on == ON
    assert load(folder, date(2026, 11, 23)) == []
    (folder / "reseau.yaml").write_text(whole, encoding="utf-8")
    assert [change.partition("\u00a0: ")[2] for change in load(folder)] == ["rouvert", "rouvert"]
    agency.refresh_from_db()
    assert agency.closed_on is None


def test_a_dry_run_tells_the_same_and_keeps_nothing(folder: Path) -> None:
    told = load(folder, dry_run=True)
    assert not Territory.objects.exists()
    assert load(folder) == told


def test_nothing_is_kept_when_a_part_refuses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(territory: Territory, source: Source, folder: Folder) -> list[str]:
        raise Refusal("La règle est refusée.")

    def check(source: Source, folder: Folder) -> list[Problem]:
        return []

    monkeypatch.setattr(files, "_parts", {"regle.yaml": Part("regle.yaml", True, check, refuse, lambda folder: None)})
    (folder / "regle.yaml").write_text("regle: oui")
    with pytest.raises(Refusal):
        load(folder)
    assert not Territory.objects.exists()


def test_a_required_part_must_be_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Part("regle.yaml", True, lambda source, folder: [], lambda *values: [], lambda folder: None)
    monkeypatch.setattr(files, "_parts", {"regle.yaml": part})
    assert [problem.file for problem in read_folder(folder)[1]] == ["regle.yaml"]


def test_the_values_of_the_territory_reach_the_law(folder: Path) -> None:
    row = "parametres:\n  - {code: reception_delay, valeur: 2, du: 2022-12-20, source: Convention fictive}\n"
    (folder / "parametres.yaml").write_text(row)
    assert any("valeurs propres" in change for change in load(folder))
    assert load(folder) == []
    own = law.parameter("reception_delay", ON, Territory.objects.get().pk)
    assert (own.value, own.source) == (2, "Convention fictive")


def test_the_command_asks_before_loading(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: "non")
    with pytest.raises(SystemExit) as end:
        call_command("territory", "load", str(folder))
    assert end.value.code == 1
    assert not Territory.objects.exists()
    monkeypatch.setattr("builtins.input", lambda question: "o")
    call_command("territory", "load", str(folder))
    assert "Chargé\u00a0: 7\u00a0changements." in capsys.readouterr().out
    call_command("territory", "load", str(folder))
    assert "Rien à changer." in capsys.readouterr().out


def test_the_command_never_loads_a_wrong_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder / "reseau.yaml", "niveau: 2", "niveau: 4")
    with pytest.raises(SystemExit):
        call_command("territory", "load", str(folder), "--yes")
    assert "Rien n’a été chargé." in capsys.readouterr().err
    assert not Territory.objects.exists()


def test_without_a_terminal_the_command_wants_a_yes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("territory", "load", str(folder))
    assert "--yes" in capsys.readouterr().err
    call_command("territory", "load", str(folder), "--yes")
    assert Territory.objects.exists()
