"""Versions of a grid: one at most in force on a day, never changed, found in one query."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from palier.common import yamlfile
from palier.common.errors import Refusal
from palier.common.yamlfile import FileProblems, Source
from palier.cotation.api import GridVersion, evaluate, grid_in_force, load_grid
from palier.cotation.files import check, default, load
from palier.territory.api import Folder, Territory
from palier.territory.files import parts, read_folder
from tests.factories import make_territory

from .samples import ON, grid_value, text_of

pytestmark = pytest.mark.django_db
DALO = {"quand": {"champ": "labels.dalo", "est": True}, "points": 50}


def source(version: int = 1, since: date = date(2026, 1, 10), until: date | None = None, **parts: Any) -> Source:
    effect = {"du": since, "au": until} if until else {"du": since}
    return yamlfile.parse(text_of(grid_value([DALO], version=version, effet=effect, **parts)), "grille.yaml")


@pytest.fixture
def territory() -> Territory:
    return make_territory()


def test_a_grid_is_loaded_once_and_loading_it_again_changes_nothing(territory: Territory) -> None:
    assert load_grid(territory, source(), ON) == [
        "+ grille «\xa0Grille d’essai\xa0», version 1, en vigueur le 10 janvier 2026"
    ]
    assert load_grid(territory, source(), ON) == []
    version = GridVersion.objects.get()
    assert (version.grid, version.act_reference, version.demonstration) == ("essai", "délibération fictive", False)
    assert str(version) == "Grille d’essai, version 1"


def test_a_version_in_force_never_changes(territory: Territory) -> None:
    load_grid(territory, source(), ON)
    with pytest.raises(Refusal, match="nouveau numéro de version"):
        load_grid(territory, source(titre="Autre titre"), ON)


def test_a_version_not_yet_in_force_can_be_corrected(territory: Territory) -> None:
    load_grid(territory, source(since=date(2099, 1, 1)), ON)
    changed = load_grid(territory, source(since=date(2099, 2, 1), titre="Autre titre"), ON)
    assert changed == ["~ grille «\xa0Autre titre\xa0», version 1, en vigueur le 1er février 2099"]
    assert GridVersion.objects.get().title == "Autre titre"


def test_a_new_version_ends_the_open_one_on_the_eve(territory: Territory) -> None:
    load_grid(territory, source(), ON)
    changes = load_grid(territory, source(2, date(2027, 1, 1)), ON)
    assert changes[0] == "~ Grille d’essai, version 1 prend fin le 31 décembre 2026"
    before, after = grid_in_force(territory.pk, date(2026, 12, 31)), grid_in_force(territory.pk, date(2027, 1, 1))
    assert before is not None
    assert after is not None
    assert (before.version, after.version) == (1, 2)
    assert load_grid(territory, source(), ON) == []


@pytest.mark.parametrize(
    ("since", "until"), [(date(2025, 1, 1), None), (date(2025, 1, 1), date(2026, 1, 10)), (date(2026, 1, 10), None)]
)
def test_dates_that_overlap_another_version_are_refused(since: date, until: date | None, territory: Territory) -> None:
    load_grid(territory, source(), ON)
    with pytest.raises(Refusal, match="recouvrent"):
        load_grid(territory, source(2, since, until), ON)
    assert GridVersion.objects.count() == 1


def test_a_past_version_may_be_loaded_after(territory: Territory) -> None:
    load_grid(territory, source(2), ON)
    load_grid(territory, source(1, date(2025, 1, 1), date(2026, 1, 9)), ON)
    past = grid_in_force(territory.pk, date(2025, 6, 1))
    assert past is not None
    assert past.version == 1


def test_a_wrong_grid_loads_nothing(territory: Territory) -> None:
    with pytest.raises(FileProblems):
        load_grid(territory, source(arrondi="bas"), ON)
    assert not GridVersion.objects.exists()


def test_the_database_itself_refuses_two_grids_on_one_day(territory: Territory) -> None:
    load_grid(territory, source(until=date(2026, 12, 31)), ON)
    version = GridVersion.objects.get()
    version.pk, version.version = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        version.save(force_insert=True)
    version.effective_from, version.effective_to = date(2027, 1, 1), None
    version.save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        GridVersion.objects.filter(version=1).update(effective_to=date(2027, 1, 1))
    other = make_territory()
    load_grid(other, source(), ON)


def test_the_database_itself_keeps_a_version_in_force_as_it_was_voted(territory: Territory) -> None:
    load_grid(territory, source(), ON)
    for change in ({"source": "autre"}, {"fingerprint": "0" * 64}, {"effective_from": date(2026, 1, 11)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            GridVersion.objects.update(**change)
    GridVersion.objects.update(effective_to=date(2027, 1, 1))


def test_the_end_never_comes_before_the_start(territory: Territory) -> None:
    load_grid(territory, source(), ON)
    with pytest.raises(IntegrityError), transaction.atomic():
        GridVersion.objects.update(effective_to=date(2025, 1, 1))


def test_finding_the_grid_costs_one_query_and_compiling_is_done_once(
    territory: Territory, django_assert_num_queries: Any
) -> None:
    load_grid(territory, source(), ON)
    with django_assert_num_queries(1):
        version = grid_in_force(territory.pk, ON)
        assert version is not None
        score = evaluate(version.compiled, {"labels": {"dalo": True}}, ON)
    assert score.declared == 50
    again = grid_in_force(territory.pk, ON)
    assert again is not None
    assert again.compiled is version.compiled


def test_no_grid_in_force_is_none(territory: Territory) -> None:
    load_grid(territory, source(), ON)
    assert grid_in_force(territory.pk, date(2026, 1, 9)) is None
    assert grid_in_force(make_territory().pk, ON) is None


def test_a_partial_grid_is_never_put_in_force(territory: Territory) -> None:
    with pytest.raises(Refusal, match="partielle"):
        load_grid(territory, source(partielle=True), ON)
    assert not GridVersion.objects.exists()


def test_the_check_of_a_folder_refuses_a_grid_without_what_the_law_asks(settings: Any) -> None:
    folder, _ = read_folder(Path(settings.PALIER_TERRITORIES_DIR) / "henin-carvin")
    sentences = " ".join(problem.sentence for problem in check(source(), folder))
    assert "le bloc refus manque" in sentences
    assert "falaise" not in sentences


def test_the_grid_is_a_part_of_the_folder_of_a_territory_and_its_examples_come_along(territory: Territory) -> None:
    assert "grille.yaml" in {part.filename for part in parts()}
    folder = Folder(Path("essai"), {})
    assert load(territory, source(), folder) != []
    assert load(territory, source(), folder) == []
    folder.sources["grille-exemples.yaml"] = yamlfile.parse("exemples: []\n", "grille-exemples.yaml")
    assert load(territory, source(), folder) == ["~ exemples de la grille «\xa0Grille d’essai\xa0», version 1"]
    assert load(territory, source(), folder) == []
    assert GridVersion.objects.get().examples == "exemples: []\n"


def test_the_folder_of_the_demonstration_has_a_right_grid_shown_as_invented(settings: Any) -> None:
    folder, problems = read_folder(Path(settings.PALIER_TERRITORIES_DIR) / "henin-carvin")
    assert problems == []
    assert check(folder.sources["grille.yaml"], folder) == []
    assert folder.sources["grille.yaml"].value["demonstration"] is True
    assert default(folder) is None


def test_a_commune_that_the_territory_does_not_have_is_named(settings: Any) -> None:
    folder, _ = read_folder(Path(settings.PALIER_TERRITORIES_DIR) / "henin-carvin")
    del folder.sources["grille-exemples.yaml"]
    wrong = source(territoire={"type": "epci", "code": "X", "communes": ["62427", "59350"]}, demonstration=True)
    assert ["59350" in problem.sentence for problem in check(wrong, folder)] == [True]
    assert check(source(version=0), folder)[0].where == "version"
