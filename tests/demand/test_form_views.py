"""The pages that fill a demand: a question at a time, a rubric from paper, and what was answered."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.demand import services
from palier.demand.content import Content, Household, Identity, Income, Job, MemberContent, Resources, Work
from palier.demand.enums import Section
from palier.demand.form import steps as way
from palier.demand.models import Demand
from palier.people.enums import MemberRole
from palier.territory.models import Territory
from tests.demand.conftest import IDENTITY, ON, Desk, draft, family, registered, save
from tests.factories import sign_in

SPOUSE = MemberContent(role=MemberRole.CO_APPLICANT, link="M", birth_name="Factice", first_names="Basile")


def url(name: str, demand: Demand, *rest: Any) -> str:
    return reverse(f"demand:{name}", args=[demand.pk, *rest])


def answer(client: Client, demand: Demand, slug: str, **said: Any) -> Any:
    """Answer one question as the page sends it."""
    address = url("question", demand, slug)
    page = client.get(address)
    assert page.status_code == 200, slug
    return client.post(address, {**page.context["marks"], **said})


def stored(demand: Demand) -> Content:
    return Demand.objects.get(pk=demand.pk).answers


def couple(desk: Desk) -> Demand:
    demand = save(desk, draft(desk), Section.HOUSEHOLD, Household(members=(SPOUSE,)))
    return save(desk, demand, Section.RESOURCES, Resources(per_person=True))


def test_answering_leads_to_the_next_question_that_has_an_object(here: Desk, agent: Client) -> None:
    demand = draft(here)
    response = answer(agent, demand, "emploi", contract="CHO")
    assert response.url == url("question", demand, "insertion")
    response = answer(agent, demand, "emploi", contract="CDI")
    assert response.url == url("question", demand, "employeur")


def test_every_question_opens_and_is_kept_when_left_empty(here: Desk, agent: Client) -> None:
    demand = couple(here)
    for step in way.steps(stored(demand), ON):
        said: dict[str, Any] = {"demandeur": {"birth_name": "Exemple", "birth_date": "12/03/1985"}}.get(
            step.question.slug, {}
        )
        if step.question.slug == "personne":
            said = {"role": "co_applicant:M", "first_names": "Basile", "birth_name": "Factice"}
        if step.question.slug == "revenus-de-qui":
            said = {"per_person": "oui"}
        assert answer(agent, demand, step.slug, **said).status_code == 302, step.slug


def test_walking_through_the_pages_ends_with_the_answers(here: Desk, agent: Client) -> None:
    demand = couple(here)
    address = url("question", demand, way.steps(stored(demand), ON)[0].slug)
    for _ in range(80):
        page = agent.get(address)
        skip = page.context["skip"]
        if skip is None:
            break
        address = url("question", demand, skip.slug)
    assert f'href="{url("answers", demand)}">Passer' in page.content.decode()


def test_a_question_keeps_what_the_others_of_its_rubric_said(here: Desk, agent: Client) -> None:
    demand = draft(here)
    answer(agent, demand, "logement", kind="HLM")
    answer(agent, demand, "bailleur", landlord="Bailleur Modèle")
    answer(agent, demand, "loyer", rent="510,40", benefit="")
    dwelling = stored(demand).logement
    assert dwelling
    assert (dwelling.kind, dwelling.landlord, dwelling.rent) == ("HLM", "Bailleur Modèle", Decimal("510.40"))


def test_what_becomes_without_object_is_dropped_and_said(here: Desk, agent: Client) -> None:
    demand = save(here, draft(here), Section.WORK, Work(contract="CDI", employer="Usine Modèle"))
    answer(agent, demand, "emploi", contract="CHO")
    assert stored(demand).travail == Work(contract="CHO")
    assert "non gardé\u00a0: Employeur" in agent.get(url("answers", demand)).content.decode()


def test_a_question_without_object_leads_to_the_next_one(here: Desk, agent: Client) -> None:
    demand = draft(here)
    assert agent.get(url("question", demand, "employeur")).url == url("question", demand, "insertion")


def test_the_form_is_taken_up_where_it_was_left(here: Desk, agent: Client) -> None:
    demand = draft(here)
    assert agent.get(url("questions", demand)).url == url("question", demand, "nationalite")
    answer(agent, demand, "nationalite", nationality="1")
    assert agent.get(url("questions", demand)).url == url("question", demand, "personnes")


def test_people_are_added_changed_and_taken_out_one_by_one(here: Desk, agent: Client) -> None:
    demand = draft(here)
    said = {"role": "dependant:E", "first_names": "Zoé", "birth_name": "Exemple", "birth_date": "01/02/2019"}
    assert answer(agent, demand, "personne-1", **said).url == url("question", demand, "personnes")
    answer(agent, demand, "personne-2", role="shared_custody", birth_date="01/02/2016")
    answer(agent, demand, "sexe-de-2", sex="F")
    menage = stored(demand).menage
    assert menage
    first, second = menage.members
    assert (first.role, first.link, first.name) == (MemberRole.DEPENDANT, "E", "Zoé Exemple")
    assert (second.role, second.sex, second.name) == (MemberRole.SHARED_CUSTODY, "F", "")
    address = url("question", demand, "personne-1")
    page = agent.get(address + "?retirer")
    assert "sera retirée du ménage" in page.content.decode()
    agent.post(address, {"base_menage": page.context["base"], "remove": "1"})
    menage = stored(demand).menage
    assert menage
    assert [member.sex for member in menage.members] == ["F"]


def test_somebody_needs_a_place_in_the_household(here: Desk, agent: Client) -> None:
    demand = draft(here)
    response = answer(agent, demand, "personne-1")
    assert response.status_code == 422
    assert "Choisissez le lien" in response.content.decode()
    assert agent.get(url("question", demand, "personne-3")).status_code == 404


def test_the_work_and_income_of_another_adult_are_kept_with_them(here: Desk, agent: Client) -> None:
    demand = couple(here)
    answer(agent, demand, "emploi-de-1", contract="CDD")
    answer(agent, demand, "employeur-de-1", profession="maçon", employer="Usine Modèle", commune="62215")
    answer(agent, demand, "impot-de-1", rfr_n2="9000", tax_year="2024")
    answer(agent, demand, "ressources-de-1", monthly_SAL="850")
    menage = stored(demand).menage
    assert menage
    member = menage.members[0]
    assert member.job == Job(contract="CDD", profession="maçon", employer="Usine Modèle", commune="62215")
    assert member.income == Income(rfr_n2=Decimal(9000), tax_year=2024, monthly={"SAL": Decimal(850)})


def test_an_amount_on_a_shared_notice_is_not_kept_twice(here: Desk, agent: Client) -> None:
    demand = couple(here)
    answer(agent, demand, "impot-de-1", joint_tax="oui", rfr_n2="9000", tax_year="2024")
    menage = stored(demand).menage
    assert menage
    assert (menage.members[0].joint_tax, menage.members[0].income) == (True, None)


def test_no_resource_is_an_answer_and_excludes_an_amount(here: Desk, agent: Client) -> None:
    demand = draft(here)
    response = answer(agent, demand, "ressources", no_resource="on", monthly_RSA="600")
    assert response.status_code == 422
    answer(agent, demand, "ressources", no_resource="on")
    assert stored(demand).monthly_income() == Decimal(0)
    page = agent.get(url("question", demand, "ressources"))
    assert page.context["form"]["no_resource"].value() is True


def test_communes_keep_their_order_and_their_neighbourhoods(here: Desk, agent: Client) -> None:
    demand = draft(here)
    answer(agent, demand, "communes", commune_1="62427", commune_2="62215", wider_area="oui")
    answer(agent, demand, "quartiers", district_2="Quartier Modèle")
    sought = stored(demand).recherche
    assert sought
    assert sought.communes == ("62427", "62215")
    assert sought.districts == {"62215": "Quartier Modèle"}
    html = agent.get(url("question", demand, "quartiers")).content.decode()
    assert html.count("quartier souhaité</label>") == 2
    keyed = agent.get(url("rubric", demand, "recherche")).context["marks"]
    response = agent.post(url("rubric", demand, "recherche"), {**keyed, "district_5": "Sans commune", "back": "1"})
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("slug", "said", "sentence"),
    [
        ("demandeur", {"birth_name": ""}, "obligatoire"),
        ("motifs", {"first": "13", "second": "13"}, "deux fois"),
        ("motifs", {"first": "03"}, "Sélectionnez un choix valide"),
        ("communes", {"commune_1": "62427", "commune_2": "62427"}, "deux fois"),
        ("loyer", {"rent": "-3"}, "négatif"),
        ("contact", {"email": "zut"}, "incomplète"),
        ("contact", {"phone": "06 00 00 01 2"}, "dix chiffres"),
        ("adresse", {"postal_code": "6222", "town": "Carvin"}, "cinq chiffres"),
        ("logement", {"other_kinds": ["HLM"]}, "principal"),
        ("impot", {"tax_year": "deux mille"}, "nombre entier"),
    ],
)
def test_bad_answers_are_answered_by_a_sentence(
    here: Desk, agent: Client, slug: str, said: dict[str, Any], sentence: str
) -> None:
    demand = draft(here)
    response = answer(agent, demand, slug, **said)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_two_agents_on_one_question_see_both_answers(here: Desk, agent: Client) -> None:
    demand = draft(here)
    base = services.fingerprint(None)
    answer(agent, demand, "logement", kind="LP")
    response = agent.post(url("question", demand, "logement"), {"base": base, "kind": "CP"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "<title>Deux saisies" in html
    assert "Locataire du parc privé" in html
    assert "Hébergé chez un particulier" in html
    again = {"base": response.context["base"], "kind": "CP"}
    assert agent.post(url("question", demand, "logement"), again).status_code == 302


def test_the_answers_are_listed_with_where_to_change_them_and_what_is_missing(here: Desk, agent: Client) -> None:
    demand = couple(here)
    answer(agent, demand, "famille", family="M")
    html = agent.get(url("answers", demand)).content.decode()
    for step in way.steps(stored(demand), ON):
        assert f"{url('question', demand, step.slug)}?verifier" in html
    assert "marié·e" in html
    assert "Complet pour enregistrer" in html
    assert "R441-2-2" in html
    assert "Complet pour instruire" in html
    response = agent.post(
        url("question", demand, "famille") + "?verifier",
        {"base": services.fingerprint(stored(demand).situation), "family": "P"},
    )
    assert response.url == url("answers", demand)


def test_the_list_of_what_remains_counts_the_questions(here: Desk, agent: Client) -> None:
    demand = draft(here)
    html = agent.get(url("detail", demand)).content.decode()
    assert "1\u00a0réponse sur 2" in html
    assert "0\u00a0réponse sur 3" in html
    assert url("question", demand, "nationalite") in html


def test_a_rubric_from_paper_fills_two_rubrics_at_once(here: Desk, agent: Client) -> None:
    demand = couple(here)
    page = agent.get(url("rubric", demand, "travail"))
    said = {"contract": "CDI", "employer": "Usine Modèle", "adulte-1-contract": "ETU", "continue": "1"}
    response = agent.post(url("rubric", demand, "travail"), {**page.context["marks"], **said})
    assert response.url == url("rubric", demand, "ressources")
    content = stored(demand)
    assert content.travail == Work(contract="CDI", employer="Usine Modèle")
    assert content.menage
    assert content.menage.members[0].job == Job(contract="ETU")


def test_a_rubric_from_paper_is_kept_whole_or_not_at_all(here: Desk, agent: Client) -> None:
    demand = couple(here)
    marks = {**agent.get(url("rubric", demand, "travail")).context["marks"], "base_menage": "x"}
    said = {**marks, "contract": "CDI", "adulte-1-contract": "ETU", "back": "1"}
    assert agent.post(url("rubric", demand, "travail"), said).status_code == 409
    assert stored(demand).travail is None


def test_a_mistake_about_somebody_leads_to_its_field(here: Desk, agent: Client) -> None:
    demand = couple(here)
    page = agent.get(url("rubric", demand, "menage"))
    lines = {"personnes-TOTAL_FORMS": "1", "personnes-INITIAL_FORMS": "0", "personnes-0-role": "other_adult"}
    lines |= {"personnes-0-first_names": "Basile", "personnes-0-birth_date": "31/02/1984", "back": "1"}
    html = agent.post(url("rubric", demand, "menage"), {**page.context["marks"], **lines}).content.decode()
    assert '<a href="#id_personnes-0-birth_date">Personne 2, Date de naissance</a>' in html
    assert "<title>Erreur" in html


def test_a_question_says_how_far_its_rubric_is_and_names_people_in_french(here: Desk, agent: Client) -> None:
    content = Content(identite=Identity(birth_name="Exemple", first_names="Inès"))
    step = way.step_of("nationalite")
    assert step
    assert step.title(content) == "Quelle est la nationalité d’Inès Exemple\u202f?"
    assert way.place(content, ON, step) == (2, 2)


def test_codes_come_first_for_who_types_from_paper(here: Desk, agent: Client) -> None:
    demand = draft(here)
    assert "HLM – Locataire" in agent.get(url("rubric", demand, "logement")).content.decode()
    html = agent.get(url("question", demand, "logement")).content.decode()
    assert "HLM – Locataire" not in html
    assert "Locataire d’un logement HLM" in html


def test_an_organisation_is_asked_three_rubrics_and_registered_by_its_name(
    grid: Territory, here: Desk, agent: Client
) -> None:
    page = agent.get(reverse("demand:new_organisation"))
    said = {"organisation": "Association Exemple", "form_token": page.context["form"]["form_token"].value()}
    agent.post(reverse("demand:new_organisation"), said)
    demand = Demand.objects.get()
    assert demand.household.label.startswith("Association Exemple")
    assert agent.get(url("rubric", demand, "travail")).status_code == 404
    answer(agent, demand, "organisme", organisation="Association Modèle", siret="")
    assert agent.post(url("register", demand), {"nud": "", "filed_on": ""}).status_code == 302
    assert Demand.objects.get().status == "registered"
    for page in ("detail", "answers", "indications", "pieces", "handicap", "history"):
        assert agent.get(url(page, demand)).status_code == 200, page
    assert agent.post(url("sheet", demand)).content.startswith(b"%PDF")


@pytest.mark.parametrize("said", [{"organisation": ""}, {"form_token": "zut"}, {"siret": "123"}])
def test_an_organisation_needs_a_name_and_a_siret_that_could_be_one(
    here: Desk, agent: Client, said: dict[str, str]
) -> None:
    page = agent.get(reverse("demand:new_organisation"))
    token = page.context["form"]["form_token"].value()
    form = {"organisation": "Association Exemple", "form_token": token, **said}
    assert agent.post(reverse("demand:new_organisation"), form).status_code == 422
    assert not Demand.objects.exists()


def test_who_registers_nothing_opens_no_demand_of_an_organisation(informer: Desk) -> None:
    client = sign_in(Client(), informer.user)
    assert client.get(reverse("demand:new_organisation")).status_code == 404
    assert client.post(reverse("demand:new_organisation"), {"organisation": "Exemple"}).status_code == 404


PAGES = ("questions", "answers", "question demandeur", "question inconnue", "rubric identite")


@pytest.mark.parametrize("page", PAGES)
def test_strangers_find_no_page_of_the_form(
    grid: Territory, here: Desk, elsewhere: Desk, informer: Desk, page: str
) -> None:
    demand = registered(here)
    for desk in (elsewhere, informer):
        client = sign_in(Client(), desk.user)
        assert client.get(url(page.split()[0], demand, *page.split()[1:])).status_code == 404
    assert Client().get(url(page.split()[0], demand, *page.split()[1:])).status_code == 302


def test_a_struck_demand_is_not_changed_by_a_question(grid: Territory, here: Desk, agent: Client) -> None:
    from palier.demand.life import Radiation

    demand = registered(here)
    Demand.objects.filter(pk=demand.pk).update(
        status="struck", struck_on=ON, struck_noted_on=ON, struck_ground=next(iter(Radiation)).value
    )
    before = stored(demand)
    for page in (url("question", demand, "famille"), url("rubric", demand, "situation")):
        assert agent.get(page)["Location"] == url("detail", demand)
        assert agent.post(page, {"family": "M"})["Location"] == url("detail", demand)
    assert stored(demand) == before


@pytest.mark.parametrize("page", ["question emploi-de-1", "question personnes", "answers", "rubric ressources"])
def test_pages_of_the_form_take_a_few_queries(here: Desk, agent: Client, page: str) -> None:
    demand = save(here, draft(here), Section.HOUSEHOLD, Household(members=(SPOUSE, *family(6).members)))
    with CaptureQueriesContext(connection) as queries:
        assert agent.get(url(page.split()[0], demand, *page.split()[1:])).status_code == 200
    assert len(queries) <= 12, [q["sql"][:90] for q in queries.captured_queries]


def test_the_identity_of_an_association_shows_no_birth_date() -> None:
    content = Content(identite=Identity(organisation="Association Exemple"))
    assert next(step.slug for step in way.steps(content, ON)) == "organisme"
    assert IDENTITY.organisation == ""
