"""The page of indications: ceilings, quartile, size, occupation, each with its arithmetic. Never a decision."""

from datetime import date
from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from palier.common.clock import today
from palier.demand import indications as rules
from palier.demand.access import get_demand, scope_of, whole
from palier.demand.content import Content
from palier.demand.enums import Scope
from palier.demand.facts import home_of, law_on, zone_wished
from palier.demand.indications import Indication
from palier.journal import api as journal
from palier.law import api as law
from palier.territory.api import Right, acting, requires


@require_GET
@requires(Right.VIEW_DEMAND)
@whole
def indications(request: HttpRequest, pk: int) -> HttpResponse:
    """What the law's tables say of a demand as it is typed, for those who follow it only."""
    actor, on = acting(request), today()
    demand = get_demand(actor, pk)
    if scope_of(actor, demand) != Scope.OWN:
        raise Http404
    found = indications_of(demand.answers, demand.territory_id, demand.filed_on or on, on)
    journal.record(actor, "demand.read", "demand", demand.pk, {"part": "indications"})
    return render(request, "demand/indications.html", {"demand": demand, "indications": found, "today": on})


def indications_of(content: Content, territory_id: int, filed_on: date, on: date) -> list[Indication]:
    """Every indication, those that cannot be told included. Two queries: the territory's own threshold and tables."""
    terms, home = law_on(on), home_of(content, filed_on)
    dwelling, sought = content.logement, content.recherche
    surface, people = (dwelling.surface, dwelling.occupants) if dwelling else (None, None)
    told = [rules.occupation_indication(surface, people, terms.smallest)]
    if home is None:
        return [
            Indication("Plafonds, quartile et taille", missing="Il manque la rubrique «\u00a0Ménage\u00a0»."),
            *told,
        ]
    zone, own = zone_wished(content), law.local_tables(territory_id, on)
    if zone is None:
        ceiling = Indication("Plafonds de ressources", missing="Il manque une commune souhaitée.")
    else:
        income = rules.income(*content.tax_income(), terms.income_drop, on)
        ceilings = law.with_own(terms.ceilings.get(zone), zone, own)
        ceiling = rules.ceiling_indication(home, income, ceilings, terms.young_couple_ages)
    monthly = content.monthly_income()
    today_home = home_of(content, on) or home
    try:
        threshold = law.parameter("first_quartile_threshold", on, territory_id)
        quartile = rules.quartile_indication(monthly, today_home, Decimal(int(threshold)), threshold.source)
    except law.NoValue:
        quartile = rules.quartile_indication(monthly, today_home, None, "")
    types, grid = sought.types if sought else (), own.get(law.ADEQUACY)
    if grid is None:
        fit = rules.type_indication(home, types)
    else:
        fit = rules.type_indication(home, types, grid.value, f"Grille du territoire\u00a0: {grid.source}")
    return [ceiling, quartile, fit, *told]
