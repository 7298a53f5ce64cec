"""Each page of versions and drafts: works, stranger, missing right, bad input, number of queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common import yamlfile
from palier.common.actor import Actor
from palier.common.clock import today
from palier.cotation.api import grid_in_force, load_grid, read_grid
from palier.cotation.models import DraftRevision, GridDraft, GridVersion
from palier.cotation.workshop import services
from palier.journal import api as journal
from palier.territory.api import Territory
from palier.territory.models import Membership, Organisation
from palier.territory.selectors import actor_of, current_memberships
from tests.factories import make_agent, make_commune, make_place, make_territory, make_user, sign_in

from .samples import DEMO
from .test_workshop_forms import posted

SOURCE = DEMO.read_text(encoding="utf-8")
# One dataset serves the whole file: one worker.
pytestmark = pytest.mark.xdist_group("workshop")
NEXT = 3
AGES = {"regle-rule": "tranches", "regle-brackets": "calc.age"}
EXAMPLES = """# Deux ménages inventés.
communs:
  labels: {dalo: false, pdalhpd: false}
  membres: [{mineur: false, handicap: false}]
exemples:
  - nom: "S01 ancienneté seule"
    le: 2026-11-21
    faits: {demande: {date_depot: 2023-12-20}}
    attendu: {statut: cote, criteres: {anc_mois: 35}, total: 35} # à la main
  # Le second
  - nom: "S02 DALO"
    le: 2026-11-21
    faits:
      labels: {dalo: true}
      preuves: {dalo: {le: 2026-10-01}}
    attendu: {criteres: {dalo: 50}, total: 50}
"""


@dataclass(frozen=True)
class Office:
    """A coordinator, their browser, and a draft of their territory."""

    territory: Territory
    actor: Actor
    client: Client
    draft: GridDraft

    def stored(self) -> GridDraft:
        return GridDraft.objects.get(pk=self.draft.pk)

    def item(self, index: int, part: str = "criteres") -> dict[str, Any]:
        return services.item_of(self.stored().source, part, index)


def coordinator(territory: Territory) -> tuple[Actor, Client]:
    n = Organisation.objects.count()
    office = Organisation.objects.create(territory=territory, slug=f"epci-{n}", name="Pilotage factice", kind="epci")
    user = make_user()
    Membership.objects.create(user=user, organisation=office, role="coordinator", since=date(2020, 1, 1))
    return actor_of(current_memberships(user.pk, today())[0]), sign_in(Client(), user)


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Office]:
    """Built once for the module and undone after it. Each test is a savepoint inside."""
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]
    with django_db_blocker.unblock(), outer:
        territory = make_territory()
        for insee, name in (("62427", "Hénin-Beaumont"), ("62215", "Carvin")):
            make_commune(territory, insee=insee, name=name)
        load_grid(territory, yamlfile.parse(SOURCE, "grille.yaml"), today())
        actor, client = coordinator(territory)
        draft = services.copy_version(actor, GridVersion.objects.get().pk, "Essai de brouillon")
        draft = services.save_text(actor, draft.pk, "exemples", EXAMPLES, 1)
        yield Office(territory, actor, client, draft)
        transaction.set_rollback(True)


@pytest.fixture
def office(built: Office, db: None) -> Office:
    return built


def url(name: str, office: Office, *args: Any) -> str:
    return reverse(f"cotation:{name}", args=[office.draft.pk, *args])


def pages(office: Office) -> list[str]:
    version = GridVersion.objects.get(territory=office.territory)
    parts = [("criteres", n) for n in (0, 1, 2, 12, 14, 16, 18)] + [
        (p, n) for p in ("familles", "hors_cotation", "rang_absolu") for n in (0, 1)
    ]
    return [
        reverse("cotation:index"),
        reverse("cotation:version", args=[version.pk]),
        reverse("cotation:draft_new"),
        url("draft", office),
        url("draft_text", office, "grille"),
        url("draft_text", office, "exemples"),
        url("draft_examples", office),
        *(url("draft_example", office, n) for n in (0, 1, 2)),
        *(url("draft_settings", office, part) for part in ("acte", "refus", "information")),
        *(url("draft_item", office, part, n) for part, n in parts),
    ]


def test_every_page_opens_with_one_title_and_few_queries(office: Office) -> None:
    for address in pages(office):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = office.client.get(address)
        assert answer.status_code == 200, address
        assert answer.content.decode().count("<h1") == 1, address
        assert len(queries) <= 14, (address, len(queries))


def test_the_number_of_queries_does_not_grow_with_drafts(office: Office) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            office.client.get(reverse("cotation:index"))
        counts.append(len(queries))
        for n in range(4):
            services.paste_draft(office.actor, f"Autre {n}", "a: 1")
    assert counts[0] == counts[1]


def test_another_territory_and_a_missing_right_find_nothing(office: Office) -> None:
    _, elsewhere = coordinator(make_territory())
    agent = sign_in(Client(), make_agent(make_place(office.territory)))
    before = office.stored().source
    for address in [
        *pages(office)[3:8],
        url("draft_settings", office, "acte"),
        url("draft_item", office, "criteres", 1),
    ]:
        for client in (elsewhere, agent):
            assert client.get(address).status_code == 404, address
            assert client.post(address, {"text": "x", "revision": 2, "supprimer": "1"}).status_code in (404, 405), (
                address
            )
    for name in ("draft_order", "draft_restore", "draft_archive"):
        assert elsewhere.post(url(name, office), {"swap": "criteres 0 1", "revision": 2}).status_code == 404
    version = reverse("cotation:version", args=[GridVersion.objects.get().pk])
    assert elsewhere.get(version).status_code == agent.get(version).status_code == 404
    assert agent.get(reverse("cotation:index")).status_code == 404
    assert Client().get(url("draft", office)).status_code == 302
    assert office.stored().source == before


def test_a_draft_copies_the_version_in_force_with_the_next_number_and_its_comments(office: Office) -> None:
    assert office.draft.source.replace(f"version: {NEXT}", f"version: {NEXT - 1}", 1) == SOURCE
    assert office.draft.based_on == GridVersion.objects.get()


@pytest.mark.parametrize(
    ("posted", "status"),
    [
        ({"title": "Neuf", "start": "vide"}, 302),
        ({"title": "Copie", "start": "copie"}, 302),
        ({"title": "Collé", "start": "texte", "text": "faux: ["}, 302),
        ({"title": "Collé", "start": "texte", "text": " "}, 422),
        ({"title": "", "start": "vide"}, 422),
        ({"title": "Neuf", "start": "ailleurs"}, 422),
        ({"title": "Long", "start": "texte", "text": "a" * 500_001}, 422),
    ],
)
def test_a_draft_begins_from_a_version_a_blank_or_a_text(office: Office, posted: dict[str, str], status: int) -> None:
    before = GridDraft.objects.count()
    answer = office.client.post(reverse("cotation:draft_new"), posted)
    assert answer.status_code == status
    assert GridDraft.objects.count() == before + (status == 302)
    if status == 302:
        assert office.client.get(answer["Location"]).status_code == 200


def test_a_blank_draft_is_read_and_says_what_the_law_still_wants(office: Office) -> None:
    draft = services.blank_draft(office.actor, "Neuf", today())
    read_grid(yamlfile.parse(draft.source, "grille.yaml"))
    html = office.client.get(reverse("cotation:draft", args=[draft.pk])).content.decode()
    assert "R441-2-10" in html
    assert "Aucun critère" in html


def test_a_territory_without_a_grid_is_told_how_to_begin(db: None) -> None:
    _, client = coordinator(make_territory())
    html = client.get(reverse("cotation:index")).content.decode()
    assert "Écrire une grille" in html
    assert "Aucune grille n’est en vigueur" in html
    assert client.get(reverse("cotation:draft_new")).status_code == 200


def test_a_wrong_text_is_saved_and_said(office: Office) -> None:
    wrong = SOURCE.replace("regle: max", "regle: maxi", 1)
    answer = office.client.post(url("draft_text", office, "grille"), {"text": wrong, "revision": 2}, follow=True)
    html = answer.content.decode()
    assert "maxi" in html
    assert "1 erreur à corriger" in html.replace("\xa0", " ")
    assert 'data-line="18"' in html
    assert office.stored().source == wrong
    assert office.client.get(url("draft", office)).status_code == 200


def test_the_text_is_checked_without_being_saved(office: Office) -> None:
    address = url("draft_text", office, "grille")
    posted = {"text": "format: autre", "revision": 2, "verifier": "1"}
    whole = office.client.post(address, posted)
    part = office.client.post(address, posted, headers={"HX-Request": "true"})
    assert "<h1>" in whole.content.decode()
    assert part.content.decode().strip().startswith('<div id="constats">')
    assert "Format inconnu" in part.content.decode()
    assert office.stored().revision == 2


HOSTILE = {
    "ancres": "a: &a [x]\nb: [*a, *a]",
    "profondeur": "a: " + "[" * 200 + "]" * 200,
    "cinq mille critères": "criteres: [" + "{}, " * 5_001 + "]",
    "trop long": "a: " + "é" * 500_001,
    "octets": "a: \x00\x07",
    "liste": "- a\n- b",
    "vide": "",
    "tabulation": "a:\n\tb: 1",
    "nombre": "criteres: 3\nfamilles: {a: 1}\nhors_cotation: [1, [2]]\nrang_absolu: x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_get_a_sentence_and_harm_nothing(office: Office, name: str) -> None:
    for part in ("grille", "exemples"):
        posted = {"text": HOSTILE[name], "revision": office.stored().revision}
        assert office.client.post(url("draft_text", office, part), posted).status_code in (302, 422)
    for address in (url("draft", office), url("draft_examples", office), url("draft_item", office, "criteres", 1)):
        assert office.client.get(address).status_code in (200, 302, 404), address


def test_two_people_who_write_at_once_see_both_texts(office: Office) -> None:
    address = url("draft_text", office, "grille")
    assert office.client.post(address, {"text": "titre: le mien\n", "revision": 2}).status_code == 302
    answer = office.client.post(address, {"text": "titre: le tien\n", "revision": 2})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "titre: le mien" in html
    assert "titre: le tien" in html
    assert 'name="revision" value="3"' in html
    assert office.client.post(address, {"text": "x: 1", "revision": "zéro"}).status_code == 422
    assert office.stored().source == "titre: le mien\n"


def test_a_change_is_taken_back_and_forth(office: Office) -> None:
    services.save_text(office.actor, office.draft.pk, "grille", "a: 1", 2)
    answer = office.client.post(url("draft_restore", office), {"wanted": 2, "revision": 3}, follow=True)
    assert answer.status_code == 200
    assert office.stored().source == office.draft.source
    assert office.stored().examples == EXAMPLES
    office.client.post(url("draft_restore", office), {"wanted": 3, "revision": 4})
    assert office.stored().source == "a: 1\n"
    assert office.client.post(url("draft_restore", office), {"wanted": 99, "revision": 5}).status_code == 404
    office.client.post(url("draft_restore", office), {"wanted": 2, "revision": 4})
    assert office.stored().source == "a: 1\n"


def test_only_the_last_texts_are_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "KEPT_REVISIONS", 3)
    for n in range(6):
        services.save_text(office.actor, office.draft.pk, "grille", f"a: {n}", office.stored().revision)
    assert DraftRevision.objects.filter(draft=office.draft).count() == 3


def test_a_draft_is_put_away_and_taken_out(office: Office) -> None:
    office.client.post(url("draft_archive", office))
    assert office.stored().archived
    assert "1\xa0brouillon rangé" in office.client.get(reverse("cotation:index")).content.decode()
    office.client.post(url("draft_archive", office), {"ressortir": "1"})
    assert not office.stored().archived


def test_two_criteria_change_places(office: Office) -> None:
    answer = office.client.post(url("draft_order", office), {"swap": "criteres 2 3", "revision": 2})
    assert answer["Location"].endswith("#criteres-3")
    assert [office.item(n)["id"] for n in (2, 3)] == ["pdalhpd", "dalo"]
    for bad in ({"swap": "criteres 2 3", "revision": 2}, {"swap": "criteres x 3", "revision": 3}, {}):
        assert office.client.post(url("draft_order", office), bad).status_code == 302
    assert office.stored().revision == 3


def test_each_act_on_a_draft_is_in_the_journal(office: Office) -> None:
    office.client.post(url("draft_archive", office))
    labels = [line.label for line in journal.history("grid_draft", office.draft.pk, 10)]
    assert labels == ["Brouillon de grille rangé", "Brouillon de grille modifié", "Brouillon de grille créé"]


def test_the_grid_in_force_is_never_touched_by_a_draft(office: Office) -> None:
    services.save_text(office.actor, office.draft.pk, "grille", "a: 1", 2)
    version = grid_in_force(office.territory.pk, today())
    assert version is not None
    assert version.source == SOURCE
    assert office.client.post(reverse("cotation:version", args=[version.pk])).status_code == 405


def test_two_versions_are_compared_in_french(office: Office) -> None:
    later = office.draft.source.replace("du: 2026-07-01", "du: 2099-01-01")
    later = later.replace("points: 50}", "points: 60}")
    load_grid(office.territory, yamlfile.parse(later, "grille.yaml"), today())
    version = GridVersion.objects.get(version=NEXT)
    html = office.client.get(reverse("cotation:version", args=[version.pk])).content.decode().replace("\xa0", " ")
    assert "Le critère « Reconnu DALO » passe de 50 à 60 points." in html
    taken = office.client.get(url("draft", office)).content.decode()
    assert f"La version {NEXT} existe déjà" in taken.replace("\xa0", " ")


def criterion_form(office: Office, number: int, **changed: Any) -> dict[str, Any]:
    """What the form of a criterion sends, with some answers changed."""
    page = office.client.get(url("draft_item", office, "criteres", number))
    return {"lu": page.context["base"], **posted(*page.context["form"].parts), **changed}


def test_a_criterion_edited_by_form_changes_its_line_alone(office: Office) -> None:
    answer = office.client.post(
        url("draft_item", office, "criteres", 3), criterion_form(office, 3, **{"regle-points": "62,5"})
    )
    assert answer.status_code == 302
    before, after = office.draft.source.splitlines(), office.stored().source.splitlines()
    assert office.item(2)["points"] == Decimal("62.5")
    assert [line for line in before if line not in after] == [line for line in before if "id: dalo" in line]
    assert journal.history("grid_draft", office.draft.pk, 1)[0].label == "Brouillon de grille modifié"


def test_a_criterion_is_added_where_its_family_is_and_taken_out(office: Office) -> None:
    new = {
        "libelle": "Sortie d’hôpital", "famille": "menage", "preuve": "piece", "validite": "6", "regle-rule": "fixe",
        "regle-points": "8", "si-mode": "tests", "si-join": "tous", "si-0-what": "situation.sante",
        "si-0-answer": "oui",

    }  # fmt: skip
    page = office.client.get(url("draft_item", office, "criteres", 0) + "?famille=6")
    assert page.context["form"].initial["famille"] == "menage"
    answer = office.client.post(url("draft_item", office, "criteres", 0), {**new, "lu": page.context["base"]})
    assert answer.status_code == 302
    last = len(services.root_of(office.stored().source)["criteres"])
    added = office.item(last - 1)
    assert added["id"] == "sortie_d_hopital"
    assert added["quand"] == {"champ": "situation.sante", "est": True}
    assert added["validite"] == "P6M"
    mark = services.mark(added)
    office.client.post(url("draft_item", office, "criteres", last), {"supprimer": "1", "lu": mark})
    assert office.stored().source == office.draft.source


def test_choosing_another_rule_or_fact_shows_its_questions_and_saves_nothing(office: Office) -> None:
    address = url("draft_item", office, "criteres", 3)
    changed = {"afficher": "1", "regle-rule": "tranches", "regle-brackets": "calc.taux_effort", "si-0-what": "calc.age"}
    html = office.client.post(address, criterion_form(office, 3, **changed)).content.decode()
    assert 'name="regle-top_0"' in html
    assert 'name="si-0-low"' in html
    assert "field-error" not in html
    assert office.stored().revision == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"libelle": ""}, "Écrivez ce texte."),
        ({"famille": "ailleurs"}, "Ce choix n’existe pas."),
        ({"regle-points": "beaucoup"}, "Écrivez un nombre"),
        ({"regle-points": "1e99"}, "Écrivez un nombre"),
        ({"si-0-what": ""}, "choisissez au moins un fait"),
        ({"si-0-what": "calc.age"}, "Donnez au moins une limite."),
        ({"si-mode": "texte", "si-text": "champ: inconnu"}, "inconnu"),
        ({"si-mode": "texte", "si-text": "a: &x [*x]"}, "ancres"),
        ({**AGES, "regle-top_0": "30", "regle-last": "0"}, "Donnez les points de cette tranche."),
        ({"regle-rule": "table", "regle-table": "demande.typologie"}, "au moins une réponse"),
        ({"regle-rule": "mois", "regle-value": "1"}, "Choisissez une réponse."),
        ({"validite": "0"}, "nombre entier, de 1 à 1200"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_said_beside_its_question(office: Office, changed: dict[str, str], said: str) -> None:
    answer = office.client.post(url("draft_item", office, "criteres", 3), criterion_form(office, 3, **changed))
    assert answer.status_code == 422
    assert said in answer.content.decode().replace("\xa0", " ")
    assert office.stored().revision == 2


def test_two_people_edit_two_criteria_at_once_but_not_the_same_unseen(office: Office) -> None:
    mine, theirs, other = (criterion_form(office, number) for number in (3, 3, 4))
    office.client.post(url("draft_item", office, "criteres", 3), {**theirs, "regle-points": "55"})
    assert (
        office.client.post(url("draft_item", office, "criteres", 4), {**other, "regle-points": "41"}).status_code == 302
    )
    conflict = office.client.post(url("draft_item", office, "criteres", 3), {**mine, "regle-points": "70"})
    assert conflict.status_code == 409
    assert "points: 55" in conflict.content.decode()
    again = {**mine, "regle-points": "70", "lu": conflict.context["base"]}
    assert office.client.post(url("draft_item", office, "criteres", 3), again).status_code == 302
    assert [office.item(n)["points"] for n in (2, 3)] == [70, 41]


def test_a_family_keeps_its_criteria(office: Office) -> None:
    base = services.mark(office.item(0, "familles"))
    answer = office.client.post(url("draft_item", office, "familles", 1), {"supprimer": "1", "lu": base})
    assert answer.status_code == 422
    assert "a encore des critères" in answer.content.decode()


def test_settings_are_written_one_key_at_a_time(office: Office) -> None:
    page = office.client.get(url("draft_settings", office, "information"))
    base = {"lu": page.context["base"]}
    told = {"analogues_par": ["typologie"], "effectif_min": "15", "tous_les": "12", "modalites": "Bilan public"}
    assert office.client.post(url("draft_settings", office, "information"), {**base, **told}).status_code == 302
    root = services.root_of(office.stored().source)
    assert root["information"] == {"analogues_par": ["typologie"], "effectif_min": 15}
    assert root["evaluation"] == {"tous_les": "P12M", "modalites": "Bilan public"}
    assert (
        office.client.post(url("draft_settings", office, "information"), {**base, **told, "tous_les": "6"}).status_code
        == 409
    )
    wrong = office.client.post(url("draft_settings", office, "acte"), {"titre": "", "version": "x", "du": "31/02/2027"})
    assert wrong.status_code == 422
    tiers = {"nombre_0": "2", "deduire_0": "5", "nombre_1": "1", "deduire_1": "10"}
    answer = office.client.post(url("draft_settings", office, "refus"), tiers)
    assert "du plus petit nombre" in answer.content.decode()


def test_an_example_tells_the_gap_and_accepts_the_present_result(office: Office) -> None:
    services.save_text(
        office.actor, office.draft.pk, "grille", office.draft.source.replace("points: 50}", "points: 60}"), 2
    )
    html = office.client.get(url("draft_examples", office)).content.decode()
    assert "Reconnu DALO\xa0: 50 attendu, 60 obtenu." in html
    assert "dont 1 à revoir" in html
    page = office.client.get(url("draft_example", office, 2))
    sent = {"lu": page.context["base"], **posted(page.context["form"], page.context["facts"], page.context["wanted"])}
    assert office.client.post(url("draft_example", office, 2), {**sent, "garder": "1"}).status_code == 302
    item = services.item_of(office.stored().examples, "exemples", 1)
    assert item["attendu"]["criteres"] == {"dalo": 60}
    assert item["faits"] == {"labels": {"dalo": True}, "preuves": {"dalo": {"le": date(2026, 10, 1)}}}
    assert "# Deux ménages inventés." in office.stored().examples
    assert "tous justes" in office.client.get(url("draft_examples", office)).content.decode()


def test_an_example_saved_untouched_stays_to_the_letter(office: Office) -> None:
    for number in (1, 2):
        page = office.client.get(url("draft_example", office, number))
        parts = (page.context["form"], page.context["facts"], page.context["wanted"])
        answer = office.client.post(
            url("draft_example", office, number), {"lu": page.context["base"], **posted(*parts), "enregistrer": "1"}
        )
        assert answer.status_code == 302
    assert services.root_of(office.stored().examples) == services.root_of(EXAMPLES)


def test_an_example_is_written_from_its_facts_played_and_taken_out(office: Office) -> None:
    address = url("draft_example", office, 0)
    sent = {
        "nom": "S03 parent isolé", "le": "21/11/2026", "f-calc.monoparentale": "oui", "f-personnes": "2",
        "f-p0_mineur": "non", "f-p1_mineur": "oui", "f-refus": "1", "f-r0_date": "01/06/2026",
        "f-r0_logement_adapte": "oui", "f-r0_legitime": "non", "f-labels.dalo": "non", "f-labels.pdalhpd": "",
        "f-demande.date_depot": "21/11/2024", "f-calc.taux_effort": "45",
    }  # fmt: skip
    page = office.client.get(address)
    sent["lu"] = page.context["base"]
    shown = office.client.post(address, {**sent, "afficher": "1"})
    assert shown.status_code == 200
    assert "Enfants mineurs à charge" in shown.content.decode()
    assert office.client.post(address, {**sent, "garder": "1"}).status_code == 302
    item = services.item_of(office.stored().examples, "exemples", 2)
    assert item["faits"]["calc"] == {"monoparentale": True, "taux_effort": Decimal("0.45")}
    assert item["faits"]["labels"] == {"pdalhpd": "inconnu"}
    assert item["faits"]["membres"] == [{"mineur": False}, {"mineur": True}]
    assert item["attendu"]["refus_comptes"] == 1
    assert office.client.post(address, {**sent, "nom": "", "le": "hier", "garder": "1"}).status_code == 422
    assert office.client.post(address, {**sent, "f-r0_date": "", "garder": "1"}).status_code == 422
    base = services.mark(item)
    office.client.post(url("draft_example", office, 3), {"supprimer": "1", "lu": base})
    assert office.stored().examples == EXAMPLES


def test_anyone_reads_the_grid_in_force_without_a_cookie(office: Office) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get(reverse("cotation:public"))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert not answer.cookies
    assert len(queries) <= 4
    assert len(answer.content) < 100_000
    for said in (
        "Reconnu DALO",
        "50\xa0points",
        "pièce à fournir",
        "délibération fictive",
        "Dès le premier refus",
        "R441-2-17",
    ):
        assert said in html, said
    file = Client().get(reverse("cotation:public_file"))
    assert file.content.decode() == SOURCE
    assert "Essai de brouillon" not in html
    for wanted in ("999999", "x", "1' OR 1=1"):
        assert Client().get(reverse("cotation:public"), {"version": wanted}).status_code == 404
        assert Client().get(reverse("cotation:public_file"), {"version": wanted}).status_code == 404


def test_a_territory_reads_its_own_versions_only(office: Office) -> None:
    other = make_territory()
    load_grid(other, yamlfile.parse(SOURCE, "grille.yaml"), today())
    theirs = GridVersion.objects.get(territory=other)
    assert Client().get(reverse("cotation:public"), {"version": theirs.pk}).status_code == 404
