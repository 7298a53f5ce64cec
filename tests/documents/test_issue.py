"""Issuing a letter keeps the proof of what was given, and not the letter."""

from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from palier.common.actor import SYSTEM, Actor
from palier.documents.api import Channel, Letter, compile_pdf, issue
from palier.people.models import Household
from tests.documents.sheets import ON, sheet
from tests.factories import make_agent, make_place, make_territory

pytestmark = pytest.mark.django_db

FICHE = "demand/fiche-information"


def give(actor: Actor, **values: Any) -> tuple[Letter, bytes]:
    return issue(
        actor,
        **{"kind": "sheet", "subject_type": "demand", "subject_id": 7, "template": FICHE, "data": sheet(), **values},
    )


def test_the_row_tells_who_gave_what_when_and_how(django_assert_num_queries: Any) -> None:
    place = make_place(make_territory())
    agent = make_agent(place)
    household = Household.objects.create(territory=place.territory, place=place, label="Test")
    actor = Actor(user_id=agent.pk, name=agent.name, role="registrar", place_id=place.pk)
    with django_assert_num_queries(1):
        letter, pdf = give(actor, household_id=household.pk, channel=Channel.POST)
    letter.refresh_from_db()
    assert (letter.template, letter.version, letter.sha256) == (FICHE, 6, sha256(pdf).hexdigest())
    assert (letter.issued_on, letter.issued_by_id, letter.place_id, letter.channel) == (ON, agent.pk, place.pk, "post")
    assert letter.household_id == household.pk


def test_the_hash_proves_the_words_given() -> None:
    letter, _ = give(SYSTEM)
    assert letter.sha256 == sha256(compile_pdf(FICHE, sheet())).hexdigest()
    assert letter.sha256 != sha256(compile_pdf(FICHE, sheet(household="Autre"))).hexdigest()


def test_an_unknown_channel_is_refused_by_the_database() -> None:
    letter, _ = give(SYSTEM)
    letter.channel = "pigeon"
    with pytest.raises(IntegrityError), transaction.atomic():
        letter.save()
