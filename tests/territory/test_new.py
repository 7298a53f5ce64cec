"""Scaffolding any EPCI of France: the folder passes the check and loads as it stands."""

from itertools import islice
from pathlib import Path

import pytest
from django.core.management import call_command

from palier.territory import national
from palier.territory.files import read_folder
from palier.territory.models import Commune, Place, Territory

# A métropole of 95 communes, a small rural community, an agglomération overseas: none was planned for.
UNPLANNED = [
    ("200093201", "Métropole Européenne de Lille", "Métropole Européenne de Lille", "59", 95),
    ("200071033", "Communauté de communes Jabron-Lure-Vançon-Durance", "Jabron-Lure-Vançon-Durance", "04", 14),
    (
        "249740119",
        "Communauté d’agglomération Intercommunale du Nord de la Réunion (CINOR)",
        "Intercommunale du Nord de la Réunion (CINOR)",
        "974",
        3,
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("siren", "name", "short_name", "department", "communes"), UNPLANNED)
def test_an_unplanned_territory_is_checked_and_loaded_as_it_stands(
    tmp_path: Path, siren: str, name: str, short_name: str, department: str, communes: int
) -> None:
    folder = tmp_path / "nouveau"
    call_command("territory", "new", siren, "--dir", str(folder))
    call_command("territory", "check", str(folder))
    call_command("territory", "load", str(folder), "--yes")
    territory = Territory.objects.get()
    assert (territory.siren, territory.name, territory.short_name, territory.department) == (
        siren,
        name,
        short_name,
        department,
    )
    assert Commune.objects.count() == communes
    halls = Place.objects.select_related("commune")
    assert halls.count() == communes
    assert {hall.level for hall in halls} == {1}
    assert {hall.commune.insee for hall in halls if hall.commune} == set(
        Commune.objects.values_list("insee", flat=True)
    )
    assert all((hall.address, hall.phone, hall.hours) == ("", "", []) for hall in halls)


def test_communes_stand_in_the_order_of_a_french_dictionary() -> None:
    rennes = national.find_epci("243500139")
    assert rennes is not None
    assert [commune.name for commune in rennes.communes][:5] == ["Acigné", "Bécherel", "Betton", "Bourgbarré", "Brécé"]


@pytest.mark.django_db
def test_the_scaffold_of_our_own_territory_has_the_communes_we_ship(tmp_path: Path) -> None:
    call_command("territory", "new", "246200299", "--dir", str(tmp_path / "nouveau"))
    shipped, _ = read_folder(Path(__file__).resolve().parents[2] / "territories" / "henin-carvin")
    made, _ = read_folder(tmp_path / "nouveau")
    assert {(c.insee, c.name, c.population, *c.postal_codes) for c in made.communes} == {
        (c.insee, c.name, c.population, *c.postal_codes) for c in shipped.communes
    }


@pytest.mark.parametrize(
    ("siren", "sentence"),
    [
        ("246200298", "n’est pas un numéro SIREN"),
        ("abc", "n’est pas un numéro SIREN"),
        ("216204271", "n’est pas celui d’une intercommunalité"),
    ],
)
def test_a_siren_that_is_not_an_epci_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], siren: str, sentence: str
) -> None:
    with pytest.raises(SystemExit) as end:
        call_command("territory", "new", siren, "--dir", str(tmp_path / "nouveau"))
    assert end.value.code == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "nouveau").exists()


def test_a_folder_that_holds_something_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "reseau.yaml").write_text("travail en cours")
    with pytest.raises(SystemExit):
        call_command("territory", "new", "246200299", "--dir", str(tmp_path))
    assert "n’est pas vide" in capsys.readouterr().err
    assert (tmp_path / "reseau.yaml").read_text() == "travail en cours"


def test_the_national_list_is_whole() -> None:
    assert national.count() == 1_255


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Carvin", "de Carvin"),
        ("Évin-Malmaison", "d’Évin-Malmaison"),
        ("Hénin-Beaumont", "d’Hénin-Beaumont"),
        ("Le Mans", "du Mans"),
        ("Les Sables-d’Olonne", "des Sables-d’Olonne"),
        ("La Bassée", "de La Bassée"),
        ("L’Abergement", "de L’Abergement"),
        ("Yvetot", "d’Yvetot"),
        ("Yerres", "de Yerres"),
    ],
)
def test_a_commune_takes_the_article_french_gives_it(name: str, expected: str) -> None:
    assert national.of(name) == expected


def test_the_department_is_the_one_where_most_people_live() -> None:
    communes = tuple(
        national.NationalCommune(insee, "Commune-Fictive", people, ())
        for insee, people in [("62001", 10), ("59001", 8), ("59002", 7)]
    )
    assert national.Epci("246200299", "Exemple", "Exemple", communes).department == "59"


@pytest.mark.django_db
def test_the_map_is_square_enough_to_be_seen_whole(tmp_path: Path) -> None:
    call_command("territory", "new", "200093201", "--dir", str(tmp_path / "nouveau"))
    folder, _ = read_folder(tmp_path / "nouveau")
    assert max(c.column for c in folder.communes) == 10
    assert max(c.row for c in folder.communes) == 10
    assert [c.name for c in islice(folder.communes, 2)] == sorted(c.name for c in folder.communes)[:2]
