"""The real network, as the convention of December 2022 writes it (Article 3 and the table « Points d’accueil »)."""

import re
from pathlib import Path

import pytest

from palier.territory.files import Folder, OrganisationBlock, PlaceBlock, read_folder

PATH = Path(__file__).resolve().parents[2] / "territories" / "henin-carvin"
REGISTERING_COMMUNES = {
    "Carvin", "Courrières", "Dourges", "Évin-Malmaison", "Hénin-Beaumont", "Libercourt", "Montigny-en-Gohelle",
    "Noyelles-Godault", "Oignies", "Rouvroy",
}  # fmt: skip
INFORMING_COMMUNES = {"Bois-Bernard", "Courcelles-lès-Lens", "Drocourt", "Leforest"}


@pytest.fixture(scope="module")
def folder() -> Folder:
    folder, problems = read_folder(PATH)
    assert problems == []
    return folder


def pairs(folder: Folder) -> list[tuple[OrganisationBlock, PlaceBlock]]:
    return [(block, place) for block in folder.organisations for place in block.places]


def test_the_fourteen_communes_have_one_town_hall_each_at_the_level_of_article_three(folder: Folder) -> None:
    names = {commune.insee: commune.name for commune in folder.communes}
    halls = [(names[str(place.commune)], place.level) for block, place in pairs(folder) if block.kind == "commune"]
    assert sorted(halls) == sorted(
        [(name, 2) for name in REGISTERING_COMMUNES] + [(name, 1) for name in INFORMING_COMMUNES]
    )


def test_every_place_of_the_table_is_there_with_its_level(folder: Folder) -> None:
    levels = {place.slug: place.level for block, place in pairs(folder) if block.kind != "commune"}
    platforms = {slug for slug in levels if slug.startswith("logement-d-abord-")}
    assert len(platforms) == 7
    assert {slug: level for slug, level in levels.items() if slug not in platforms} == {
        "pas-de-calais-habitat-courrieres": 2,
        "pas-de-calais-habitat-henin-beaumont": 2,
        "pas-de-calais-habitat-noyelles-godault": 2,
        "pas-de-calais-habitat-centre-exploitation": 1,
        "sia-carvin": 2,
        "sia-henin-beaumont": 2,
        "sia-billy-montigny": 2,
        "maisons-et-cites-libercourt": 2,
        "maisons-et-cites-noyelles-godault": 2,
        "icf-montigny-en-gohelle": 1,
        "action-logement-arras": 2,
        "ddtm-arras": 2,
        "ddets-arras": 2,
        "mds-henin-beaumont": 1,
        "mds-carvin": 1,
        "cllaj-oignies": 1,
        "adil-henin-beaumont": 1,
        "caf-carvin": 1,
        "siao-henin-beaumont": 1,
        "siao-lens": 2,
        "ccas-loos-en-gohelle": None,
    }
    assert {levels[slug] for slug in platforms} == {None}


def test_every_place_has_a_source_and_what_is_doubtful_is_said(folder: Folder) -> None:
    assert all(place.source for _, place in pairs(folder))
    doubtful = {place.slug for _, place in pairs(folder) if place.ambiguity}
    assert {
        "mairie-carvin", "pas-de-calais-habitat-courrieres", "pas-de-calais-habitat-centre-exploitation",
        "icf-montigny-en-gohelle", "sia-billy-montigny", "action-logement-arras",
    } <= doubtful  # fmt: skip


def test_only_what_a_source_gives_is_written(folder: Folder) -> None:
    reached = {place.slug for _, place in pairs(folder) if place.address or place.phone or place.email or place.hours}
    assert all(slug.startswith("logement-d-abord-") or slug == "ccas-loos-en-gohelle" for slug in reached)


def test_no_person_is_named_in_the_files() -> None:
    """Civilities and surnames in capitals are how the sources name people."""
    text = "".join(path.read_text(encoding="utf-8") for path in PATH.glob("*.yaml"))
    assert not re.search(r"\b(M\.|Mme|Monsieur|Madame) [A-ZÉ]", text)


def test_each_commune_has_its_own_cell_and_the_north_is_up(folder: Folder) -> None:
    rows = {commune.name: (commune.column, commune.row) for commune in folder.communes}
    assert len(set(rows.values())) == 14
    assert rows["Carvin"][1] < rows["Hénin-Beaumont"][1] < rows["Bois-Bernard"][1]
    assert rows["Courrières"][0] < rows["Dourges"][0] < rows["Leforest"][0]


def test_the_grid_of_the_demonstration_says_it_is_invented() -> None:
    text = (PATH / "grille.yaml").read_text(encoding="utf-8")
    assert "demonstration: true" in text
    assert "inventée" in text
