"""Reads written once give what Django gives."""

from contextlib import nullcontext
from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from palier.common.written import Written, together
from palier.journal.models import Entry
from palier.territory.models import Commune, Membership, Place

pytestmark = pytest.mark.django_db


def test_rows_are_those_of_the_queryset_with_what_comes_with_them(here: object) -> None:
    asked = Written(
        lambda pk: Place.objects.filter(pk__gte=pk).select_related("organisation", "commune").order_by("pk")
    )
    for _ in range(8):  # PostgreSQL keeps a plan from the sixth time on.
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = asked(0)
            names = [(place.name, place.organisation.name, place.commune) for place in found]
        assert len(queries) == 1
    assert found == list(Place.objects.order_by("pk"))
    assert names
    assert asked(found[-1].pk) == found[-1:]
    assert not asked(found[-1].pk + 1)
    assert not asked(10**30)


def test_values_go_where_they_are_asked_whatever_their_order(here: object) -> None:
    asked = Written(
        lambda since, name, pk: (
            Membership.objects.filter(organisation__name=name, pk__gte=pk, since__lte=since)
            .order_by("pk")
            .values_list("pk", "since")
        )
    )
    one = Membership.objects.select_related("organisation").order_by("pk")[0]
    assert (one.pk, one.since) in asked(date(2100, 1, 1), one.organisation.name, one.pk)
    assert (one.pk, one.since) not in asked(date(2100, 1, 1), one.organisation.name, one.pk + 1)
    assert not asked(date(1900, 1, 1), one.organisation.name, one.pk)
    assert not asked(date(2100, 1, 1), "Organisme inventé", one.pk)


def test_a_text_is_a_value_and_never_a_piece_of_sql(here: object) -> None:
    asked = Written(lambda name: Commune.objects.filter(name=name))
    assert not asked("' OR 1=1 --")
    assert not asked("%s")


def test_a_value_that_is_lost_on_the_way_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="as it is given"):
        Written(lambda pk: Entry.objects.filter(number=pk + 1))(3)
    with pytest.raises(TypeError, match="NoneType"):
        Written(lambda pk: Entry.objects.filter(actor_id=pk))(None)


def test_reads_sent_together_give_what_each_would(here: object) -> None:
    places = Written(lambda pk: Place.objects.filter(pk__gte=pk).select_related("organisation").order_by("pk"))
    names = Written(lambda name: Place.objects.filter(name=name).values_list("name", flat=True))
    for _ in range(8):
        with CaptureQueriesContext(connection) as queries:
            found, named, nothing = together((places, 0), (names, "Lieu inventé"), (places, 10**30))
            assert len(queries) == 2
        assert (found, named, nothing) == (places(0), [], [])
        found, named = together((places, 0), (names, found[0].name))
        assert (found, named) == (places(0), [found[0].name])


def test_a_read_that_fails_says_so_among_others(here: object) -> None:
    places = Written(lambda pk: Place.objects.filter(pk=pk))
    broken = Written(lambda pk: Place.objects.filter(pk=pk).extra(where=["1 / (id - id) = 1"]))
    found = places(0)
    with (
        pytest.raises(Exception, match="zero") if connection.vendor == "postgresql" else nullcontext(),
        transaction.atomic(),
    ):
        together((places, 1), (broken, Place.objects.order_by("pk")[0].pk), (places, 2))
    assert places(0) == found
