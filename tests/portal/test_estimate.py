"""« Estimer ma note »: anyone tries the grid in force; nothing is kept, nothing stands in the address."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from palier.common.yamlfile import parse
from palier.cotation import api as cotation
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS
from palier.demand.api import (
    Content,
    Dwelling,
    Household,
    Identity,
    MemberContent,
    Resources,
    Situation,
    Work,
    facts_on,
)
from palier.people.api import MemberRole
from palier.portal.estimate import BOXES, DANGER, EstimateForm
from palier.territory.models import Territory
from tests.cotation.samples import ON, compiled, demo, grid_value, text_of
from tests.factories import make_commune

URL = "/estimer-ma-note/"
TODAY = "2026-11-22T09:00:00+01:00"
HENIN = "62427"
ANSWERS: dict[str, Any] = {
    "depot": "03/2024",
    "logement": "locataire_prive",
    "residence": HENIN,
    "loyer": "650,50",
    "aides": "150,50",
    "ressources": "1 300 €",
    "expulsion": "jugement",
    "occupants": "3",
    "surface": "60",
    "age": "41",
    "enfants": "2",
    "travail": "ailleurs",
}
GIVES_NOTHING = {"calc.reste_a_vivre", "calc.tranche_ressources", "calc.quartile"}
"""Computed from tax papers that a person cannot be asked here: left « à confirmer »."""
BESIDE = {"demande.numero_unique", "logement_actuel.date_etape", "membres.a_charge"}
"""An identifier, a date said beside another fact, and what follows from the ages."""


@pytest.fixture(autouse=True)
def _day() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def grid(henin: Territory) -> Territory:
    """Hénin-Carvin as its files leave it: its demonstration grid is in force."""
    assert cotation.grid_in_force(henin.pk, ON) is not None
    return henin


def posted(client: Client, **answers: Any) -> str:
    page = client.post(URL, {**ANSWERS, **answers})
    assert page.status_code == 200
    return page.content.decode()


def figures(page: str) -> list[str]:
    return re.findall(r'<dd class="figure mb-0">([^<]*)</dd>', page)


def given(name: str, **answers: Any) -> tuple[str, str]:
    """The fact and the points of a criterion, for answers to the form of the demonstration grid."""
    score = scored(**answers)
    [line] = [line for line in score.lines if line.id == name]
    return line.fact, str(line.points)


def scored(**answers: Any) -> cotation.Score:
    form = EstimateForm(demo(), {HENIN: "Hénin-Beaumont"}, ON, answers)
    assert form.is_valid(), form.errors
    return cotation.evaluate(demo(), form.facts(), ON)


# What it says


def test_answers_give_the_lines_of_the_score_what_would_change_it_and_where_to_go(
    client: Client, grid: Territory
) -> None:
    page = posted(client)
    assert figures(page) == ["72", "40"]
    assert "Demande déposée le 31 mars 2024, soit 31\u00a0mois complets" in page
    assert "Taux d’effort de 38,46\u00a0%" in page
    assert "Remettre le jugement\u00a0: la note vérifiée passe de 40 à 60\u00a0points." in page
    assert "seul le guichet enregistre, et la commission décide" in page
    assert re.search(r'class="btn btn-primary" href="/ou-m-adresser/"', page)
    assert len(re.findall("btn-primary", page)) == 1
    assert len(re.findall("<h1", page)) == 1


def test_a_demonstration_grid_is_said_to_be_invented(client: Client, grid: Territory) -> None:
    assert "Grille de démonstration, inventée" in client.get(URL).content.decode()
    assert "Grille de démonstration, inventée" in posted(client)


def test_answering_nothing_still_gives_an_answer(client: Client, grid: Territory) -> None:
    page = client.post(URL, {}).content.decode()
    assert figures(page) == ["0", "0"]
    assert "À confirmer\u00a0:" in page


@pytest.mark.parametrize(
    ("criterion", "answers", "points"),
    [
        ("anc_mois", {"depot": "mars 2024"}, "31"),
        ("anc_mois", {"depot": "2024-03"}, "31"),
        ("anc_mois", {}, "0"),
        ("dal", {"depot": "10/2023"}, "20"),
        ("dal", {"depot": "11/2023"}, "0"),
        ("dalo", {"vrai": ["labels.dalo"]}, "50"),
        ("tiers", {"logement": "heberge_tiers"}, "15"),
        ("indigne", {"logement_vrai": ["logement_actuel.non_decent"]}, "20"),
        ("suroccupation", {"occupants": "4", "surface": "30", "enfants": "1"}, "15"),
        ("sous_occupation", {"logement": "locataire_social", "occupants": "1", "pieces": "3"}, "15"),
        ("expulsion", {"expulsion": "concours"}, "25"),
        ("expulsion", {"expulsion": "aucune"}, "0"),
        ("conge", {"fin_bail": "03/2027"}, "10"),
        ("effort", {"loyer": "600", "ressources": "1200"}, "13"),
        ("monoparent", {"enfants": "1"}, "5"),
        ("monoparent", {"enfants": "1", "adultes": "1"}, "0"),
        ("enfants", {"enfants": "3"}, "6"),
        ("handicap", {"enfants": "3", "foyer_vrai": ["membres.handicap"]}, "15"),
        (
            "reprise",
            {"travail_vrai": ["emploi.chomage_longue_duree"], "reprise": "12/2025"},
            "10",
        ),
        ("reprise", {"travail_vrai": ["emploi.chomage_longue_duree"], "reprise": "11/2025"}, "0"),
        ("actif_jeune", {"age": "24", "travail_vrai": ["emploi.actif"]}, "5"),
        ("habite", {"residence": HENIN}, "3"),
        ("habite", {"residence": "ailleurs"}, "0"),
        ("travaille", {"travail": HENIN}, "5"),
        ("violences", {"danger": ["situation.violences"]}, "40"),
    ],
)
def test_each_answer_becomes_the_fact_that_the_criterion_reads(
    criterion: str, answers: dict[str, Any], points: str
) -> None:
    assert given(criterion, **answers)[1] == points


def test_refusals_take_points_as_long_as_they_count() -> None:
    assert scored(refus="05/2026").refusals.deduction == -10
    assert scored(refus="05/2026", refus_avant="04/2026").refusals.deduction == -20
    assert scored(refus="05/2025").refusals.deduction == 0


def test_what_nobody_was_asked_is_never_held_against_the_person() -> None:
    assert not {"troubles", "expulse_troubles"} & set(scored().to_confirm)
    assert [str(line.points) for line in scored().lines if line.family == "malus"] == ["0", "0"]


def test_what_is_not_answered_stays_to_confirm() -> None:
    assert {"public", "effort", "habite", "expulsion", "actif_jeune", "violences"} <= set(
        scored(travail_vrai=["emploi.actif"]).to_confirm
    )


def test_a_handicap_in_the_household_is_true_of_one_person_and_unknown_of_the_others() -> None:
    form = EstimateForm(demo(), {}, ON, {"adultes": "1", "foyer_vrai": ["membres.handicap"]})
    assert form.is_valid()
    assert [member.get("handicap") for member in form.facts()["membres"]] == [True, None]


def test_the_estimate_is_the_score_that_the_desk_would_register() -> None:
    content = Content(
        identite=Identity(birth_date=date(1985, 1, 5)),
        menage=Household(
            members=tuple(MemberContent(role=MemberRole.DEPENDANT, birth_date=date(2018, 1, n)) for n in (1, 2)),
            handicap=False,
        ),
        situation=Situation(dalo=True, pdalhpd=False, violence=False, demolition=False, disaster=False),
        travail=Work(commune="ailleurs", essential=False, insertion=True, long_unemployment=False),
        logement=Dwelling(
            kind="LP", commune=HENIN, type="T2", surface=Decimal(30), occupants=4, rent=Decimal(650),
            benefit=Decimal(150), unfit=False, indecent=True, eviction_stage="jugement",
        ),
        ressources=Resources(monthly={"SAL": Decimal(1300)}),
    )  # fmt: skip
    registered = cotation.evaluate(demo(), facts_on(content, filed_on=date(2024, 3, 31), on=ON), ON)
    estimated = scored(
        **{**ANSWERS, "loyer": "650", "aides": "150", "occupants": "4", "surface": "30", "pieces": "2"},
        vrai=["labels.dalo"],
        travail_vrai=["emploi.actif"],
        logement_vrai=["logement_actuel.non_decent"],
    )
    assert (estimated.declared, estimated.verified) == (registered.declared, registered.verified)
    points = [{line.id: (line.points, line.counted) for line in score.lines} for score in (estimated, registered)]
    assert points[0] == points[1]


# What it asks


def names_of(grid: cotation.CompiledGrid) -> list[str]:
    return list(EstimateForm(grid, {HENIN: "Hénin-Beaumont"}, ON).fields)


def test_only_what_the_grid_reads_is_asked() -> None:
    flag = compiled([{"quand": {"champ": "emploi.agent_public", "est": True}, "points": 5}], publics=["primo"])
    assert names_of(flag) == ["travail_vrai"]
    seniority = {"points": {"par": "mois", "sur": "demande.date_depot", "valeur": 1}}
    assert names_of(compiled([seniority])) == ["depot", "logement"]
    form = EstimateForm(flag, {}, ON)
    assert [choice for choice, _ in form.fields["travail_vrai"].choices] == ["emploi.agent_public"]  # type: ignore[attr-defined]


def criterion_on(path: str) -> dict[str, Any]:
    section, _, name = path.partition(".")
    field = MEMBER_FIELDS[name] if section == "membres" else FIELDS[path]
    if field.kind == "date":
        return {"quand": {"depuis": path, "sup": "P1M"}, "points": 1}
    if field.kind in ("commune", "communes"):
        return {"quand": {"lieu": name, "dans": "territoire"}, "points": 1}
    target = name if section == "membres" else path
    wanted: Any = True if field.kind == "bool" else next(iter(field.codes), None)
    test = {"champ": target, "sup": 1} if field.kind in ("int", "decimal") else {"champ": target, "est": wanted}
    return {"quand": {"membre": test} if section == "membres" else test, "points": 1}


EVERY = [*FIELDS, *(f"membres.{name}" for name in MEMBER_FIELDS)]


@pytest.mark.parametrize("path", [path for path in EVERY if path != "demande.numero_unique"])
def test_every_fact_of_the_catalogue_is_asked_unless_a_reason_says_not(path: str) -> None:
    section, _, name = path.partition(".")
    lawful = MEMBER_FIELDS[name].lawful if section == "membres" else FIELDS[path].lawful
    form = EstimateForm(compiled([criterion_on(path)], publics=["primo"]), {HENIN: "Hénin-Beaumont"}, ON)
    asked = set(form.fields) - {"adultes", "enfants"} if section == "membres" and name != "mineur" else set(form.fields)
    assert bool(asked) is (lawful and path not in GIVES_NOTHING | BESIDE)
    assert form.sections or not asked


def test_every_danger_of_the_catalogue_is_asked_apart() -> None:
    for path in DANGER:
        assert cotation.is_confidential(compiled([criterion_on(path)]).grid.criteria[0])
    assert not {path for name, boxes in BOXES.items() if name != "danger" for path in boxes} & set(DANGER)


def test_no_name_and_no_day_of_birth_is_asked(client: Client, grid: Territory) -> None:
    page = client.get(URL).content.decode()
    main = page[page.index("<main") :]
    words = re.sub("<[^>]*>", " ", main)
    assert not re.search(r"(?i)\bnom\b(?! n’est)|prénom|naissance|téléphone|courriel|adresse\b", words)
    assert 'type="date"' not in main


# Nothing is kept


def test_nothing_is_kept_anywhere(client: Client, grid: Territory) -> None:
    page = client.post(URL, ANSWERS)
    assert "no-store" in page["Cache-Control"]
    assert "no-store" in client.get(URL)["Cache-Control"]
    assert not page.cookies
    assert page.request["QUERY_STRING"] == ""
    assert not client.session.keys()


def test_it_needs_no_token_since_nothing_changes(grid: Territory) -> None:
    assert Client(enforce_csrf_checks=True).post(URL, ANSWERS).status_code == 200


def test_answers_in_the_address_are_ignored(client: Client, grid: Territory) -> None:
    assert "41" not in client.get(URL, {"age": "41"}).content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client: Client, grid: Territory, method: str) -> None:
    assert getattr(client, method)(URL).status_code == 405


def test_answers_can_be_changed_without_being_typed_again(client: Client, grid: Territory) -> None:
    result = posted(client, vrai=["labels.dalo"], danger=["situation.violences"])
    kept = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', result)
    assert dict(kept) == {**ANSWERS, "vrai": "labels.dalo"}
    page = client.post(URL, {**dict(kept), "modifier": "1"})
    assert page.status_code == 200
    text = page.content.decode()
    assert 'value="03/2024"' in text
    assert 'value="650,50"' in text
    assert 'value="locataire_prive" selected' in text
    assert len(re.findall(r" checked", text)) == 1


# Danger


def test_a_person_in_danger_is_given_numbers_that_are_never_printed_nor_repeated(
    client: Client, grid: Territory
) -> None:
    page = posted(client, danger=["situation.violences"])
    assert figures(page)[0] == "112"
    helplines = re.search(r'<div class="notice notice-warning no-print">(.*?)</div>', page, re.S)
    assert helplines
    assert 'href="tel:3919"' in helplines[1]
    assert not re.search(r"danger|violence|3919", page.replace(helplines[0], ""), re.I)


def test_points_are_never_printed_whatever_was_answered(client: Client, grid: Territory) -> None:
    for answers in ({}, {"danger": ["situation.violences"]}):
        page = posted(client, **answers)
        assert page.index('<div class="no-print">') < page.index('class="score"') < page.index('class="outlook"')
        assert page.index('class="outlook"') < page.index("L’estimation ne s’imprime pas.")


def test_without_danger_no_number_is_shown_and_nothing_is_told_either(client: Client, grid: Territory) -> None:
    page = posted(client)
    assert "tel:3919" not in page
    assert not re.search(r"danger|violence", page, re.I)


# Bad input


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"depot": "13/2024"}, "Écrivez le mois et l’année, par exemple 03/2024."),
        ({"depot": "hier"}, "Écrivez le mois et l’année, par exemple 03/2024."),
        ({"depot": "29/02/2024"}, "Écrivez le mois et l’année, par exemple 03/2024."),
        ({"depot": "12/2026"}, "Ce mois est trop loin\u00a0: novembre 2026 au plus tard."),
        ({"depot": "\0\0"}, ""),
        ({"depot": "9" * 10_000}, "Écrivez le mois et l’année, par exemple 03/2024."),
        ({"age": "-1"}, "Écrivez 15 au moins."),
        ({"age": "1" * 5_000}, "Écrivez un nombre entier, par exemple 2."),
        ({"age": "quarante"}, "Écrivez un nombre entier, par exemple 2."),
        ({"enfants": "21"}, "Écrivez 20 au plus."),
        ({"ressources": "-1"}, "Ce nombre ne peut pas être négatif."),
        ({"loyer": "NaN"}, "Écrivez un nombre, par exemple 650 ou 650,40."),
        ({"loyer": "1e400"}, "Écrivez un nombre, par exemple 650 ou 650,40."),
        ({"loyer": "12,345"}, "Écrivez un nombre, par exemple 650 ou 650,40."),
        ({"loyer": "9999999"}, "Ce nombre est trop grand."),
        ({"logement": "chateau"}, "Ce choix n’existe pas. Choisissez dans la liste."),
        ({"residence": "x" * 10_000}, "Ce choix n’existe pas. Choisissez dans la liste."),
        ({"vrai": ["labels.dalo", "<script>"]}, "Ce choix n’existe pas. Choisissez dans la liste."),
        ({"expulsion": "🏠"}, "Ce choix n’existe pas. Choisissez dans la liste."),
    ],
)
def test_a_wrong_answer_is_told_with_a_sentence(
    client: Client, grid: Territory, answers: dict[str, Any], sentence: str
) -> None:
    page = client.post(URL, {**ANSWERS, **answers})
    text = page.content.decode()
    if not sentence:
        assert page.status_code == 200
        return
    assert page.status_code == 422
    assert "à corriger" in text
    assert sentence in text
    assert "<script>" not in text


def test_a_question_that_does_not_exist_is_ignored(client: Client, grid: Territory) -> None:
    assert client.post(URL, {**ANSWERS, "nom": "Exemple"}).status_code == 200


def test_wrong_answers_can_be_changed_too(client: Client, grid: Territory) -> None:
    assert client.post(URL, {"age": "x" * 10_000, "modifier": "1"}).status_code == 200


def test_contradictory_answers_are_explained_not_scored(client: Client, grid: Territory) -> None:
    page = client.post(URL, {**ANSWERS, "vrai": ["demande.relogement_demolition"]}).content.decode()
    assert "Cette demande n’a pas de note" in page
    assert "Où m’adresser" in page


# Where there is no grid, and how much it costs


def test_without_territory_or_grid_the_page_says_so(client: Client, db: None, henin: Territory) -> None:
    with time_machine.travel("2020-01-01T12:00:00+00:00", tick=False):
        for page in (client.get(URL), client.post(URL, ANSWERS)):
            assert page.status_code == 200
            assert "Aucune grille de cotation n’est en vigueur sur ce territoire" in page.content.decode()


def test_before_any_territory_is_loaded_the_page_says_so(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palier.portal.views.current_territory", lambda: None)
    assert "Aucun territoire n’est encore chargé" in client.get(URL).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_at_most_three_queries_whatever_the_communes(
    client: Client, grid: Territory, django_assert_max_num_queries: Any, method: str
) -> None:
    for _ in range(10):
        make_commune(grid)
    with django_assert_max_num_queries(3):
        getattr(client, method)(URL, ANSWERS if method == "post" else {})


def test_the_pages_stay_light(client: Client, grid: Territory) -> None:
    assert len(client.get(URL).content) < 40_000
    assert len(posted(client)) < 60_000


def test_the_home_page_leads_there(client: Client, grid: Territory) -> None:
    assert f'href="{URL}"' in client.get("/").content.decode()


def test_a_grid_that_reads_everything_can_be_asked_and_answered(client: Client, henin: Territory) -> None:
    criteria = [criterion_on(path) for path in EVERY if path != "demande.numero_unique"]
    source = parse(text_of(grid_value(criteria)), "grille.yaml")
    form = EstimateForm(cotation.compile_grid(cotation.read_grid(source)), {HENIN: "Hénin-Beaumont"}, ON, ANSWERS)
    assert form.is_valid()
    assert cotation.evaluate(form.compiled, form.facts(), date(2026, 11, 21)).declared
