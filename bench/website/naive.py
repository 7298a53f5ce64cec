"""The same pages as many would write them: generic class-based views, Paginator, icontains. On the same tables.

No login, no journal, no rights, no score: they do less than Palier's pages, which favours them.
"""

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import path
from django.views.generic import DetailView, FormView, ListView

from palier.common.clock import today
from palier.demand.models import Demand
from palier.people.models import Household, Member, Person


class DemandList(ListView[Demand]):
    """Page after page, each with the number of all."""

    queryset = Demand.objects.filter(status="registered").order_by("-filed_on")
    paginate_by = 50
    template_name = "list.html"


class DemandDetail(DetailView[Demand]):
    """One demand and what hangs from it."""

    model = Demand
    template_name = "detail.html"


class Search(ListView[Person]):
    """A name anywhere in the columns."""

    paginate_by = 20
    template_name = "search.html"

    def get_queryset(self) -> QuerySet[Person]:
        people = Person.objects.all()
        for word in self.request.GET.get("q", "").split():
            people = people.filter(Q(birth_name__icontains=word) | Q(first_names__icontains=word))
        return people.order_by("birth_name")


class PersonForm(forms.Form):
    """What the first page of a registration asks."""

    birth_name = forms.CharField()
    first_names = forms.CharField()
    birth_date = forms.DateField()


class Register(FormView[PersonForm]):
    """Opens a demand, after looking for the same name."""

    form_class = PersonForm
    template_name = "new.html"

    def form_valid(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        list(Person.objects.filter(birth_name__iexact=data["birth_name"], birth_date=data["birth_date"]))
        model = Demand.objects.order_by("pk")[0]
        household = Household.objects.create(
            territory_id=model.territory_id, place_id=model.place_id, label=data["birth_name"]
        )
        person = Person.objects.create(territory_id=model.territory_id, **data)
        Member.objects.create(household=household, person=person, role="applicant", since=today())
        Demand.objects.create(
            territory_id=model.territory_id, household=household, place_id=model.place_id, content={},
            form_token=uuid4(), created_by_id=model.created_by_id,
        )  # fmt: skip
        return HttpResponse(status=302, headers={"Location": "/"})


urlpatterns = [
    path("", DemandList.as_view()),
    path("<int:pk>/", DemandDetail.as_view()),
    path("recherche/", Search.as_view()),
    path("nouvelle/", Register.as_view()),
]
