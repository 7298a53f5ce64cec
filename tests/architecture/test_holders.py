"""Whoever points to a person or a household says so: nobody is forgotten when people are merged, exported or erased."""

from django.apps import apps
from django.db.models import ForeignKey

from palier.people import holders
from palier.people.models import Household, Person


def pointing() -> set[tuple[str, str]]:
    """Every (model, field), outside people itself, that points to a person or a household."""
    return {
        (model._meta.label, field.name)
        for model in apps.get_models()
        if model._meta.app_label != "people"
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model in (Person, Household)
    }


def test_every_model_that_points_to_somebody_is_registered() -> None:
    assert pointing() - holders.registered() == set()


def test_nothing_is_registered_that_does_not_point_to_somebody() -> None:
    assert holders.registered() - pointing() == set()
