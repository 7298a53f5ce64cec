"""Public pages: open to anyone, no cookie, no JavaScript needed, nothing kept."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from palier.common import clock
from palier.cotation import api as cotation
from palier.law.api import parameter
from palier.orientation.api import AdviceForm, open_desk, opening, recommend, told_back, urgent
from palier.portal import selectors
from palier.portal.estimate import HELPLINES, EstimateForm, discreet
from palier.portal.forms import PlaceFilter
from palier.portal.waiting import tables_of
from palier.territory.api import Place, current_territory, hours_in_words, public, visible_places

LANDINGS = (
    ("Vous vous informez", "Un lieu d’accueil répond à vos questions."),
    ("Vous enregistrez votre demande", "Une seule demande, avec une pièce d’identité ou de séjour."),
    ("Votre demande est étudiée", "Chaque point de la cotation vous est expliqué."),
    ("Un logement vous est proposé", "Une commission examine votre dossier."),
    ("Vous emménagez", "Vous signez le bail et recevez les clés."),
)

DELAYS = {
    "demand": ("registration_certificate_delay", "reception_delay", "demand_validity", "renewal_notice"),
    "easy": ("demand_validity",),
    "privacy": ("retention_after_strike_off",),
}


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Palier is for the household, and the way in."""
    steps = [
        {"label": label, "detail": detail, "state": "next" if index else "here"}
        for index, (label, detail) in enumerate(LANDINGS)
    ]
    return render(request, "portal/home.html", {"territory": current_territory(), "steps": steps})


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    """The questionnaire and its answer in one address.

    Answered by POST so that nothing stands in the address or the history; the page is not kept by the
    browser. Exempt from the CSRF token: nothing changes, and the token would need a cookie.
    """
    territory = current_territory()
    if territory is None:
        return render(request, "portal/where.html", {"territory": None, "form": None})
    desk = open_desk(territory)
    form = AdviceForm(desk, request.POST) if request.method == "POST" else AdviceForm(desk)
    if "modifier" in request.POST:
        form = form.again()
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "portal/where.html", {"territory": territory, "form": form}, status=status)
    answers = form.answers()
    context = {
        "territory": territory,
        "desk": desk,
        "form": form,
        "found": recommend(desk, answers, timezone.localtime(clock.now())),
        "summary": told_back(desk, answers),
        "helplines": urgent(desk, answers),
        "today": clock.today(),
    }
    return render(request, "portal/advice.html", context)


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def estimate(request: HttpRequest) -> HttpResponse:
    """The grid in force tried by anyone. Like `where`: nothing is kept, nothing stands in the address."""
    territory, on = current_territory(), clock.today()
    version = cotation.grid_in_force(territory.pk, on) if territory else None
    if territory is None or version is None:
        return render(request, "portal/estimate.html", {"territory": territory, "form": None})
    compiled = version.compiled
    communes = {commune.insee: commune.name for commune in selectors.communes_of(territory)}
    form = EstimateForm(compiled, communes, on, request.POST if request.method == "POST" else None)
    if "modifier" in request.POST:
        form = form.again()
    if not form.is_valid():
        context = {"territory": territory, "form": form, "version": version}
        return render(request, "portal/estimate.html", context, status=422 if form.is_bound else 200)
    facts, sought = cotation.read_facts(form.facts()), form.sought()
    score = cotation.evaluate(compiled, facts, on)
    context = {
        "territory": territory,
        "form": form,
        "score": discreet(compiled, score),
        "standing": sought and cotation.standing(territory.pk, version, sought, communes, score.declared, on),
        "outlook": cotation.outlook(compiled, facts, on),
        "helplines": HELPLINES if form.cleaned_data.get("danger") else (),
        "on": on,
    }
    return render(request, "portal/estimate_result.html", context)


@public
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Every place, by commune, filtered by commune, kind or level."""
    territory = current_territory()
    if territory is None:
        return render(request, "portal/places.html", {"territory": None})
    rows = list(visible_places(territory.pk))
    kinds = {place.organisation.kind for place in rows}
    form = PlaceFilter(selectors.communes_of(territory), kinds, request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    groups = selectors.groups_of(rows, wanted)
    context = {
        "territory": territory,
        "form": form,
        "groups": groups,
        "count": sum(len(group.places) for group in groups),
        "filtered": any(wanted.values()),
        "levels": selectors.LEVELS,
    }
    return render(request, "portal/places.html", context, status=200 if form.is_valid() else 422)


@public
@require_safe
def place(request: HttpRequest, slug: str) -> HttpResponse:
    """One place: what it does, where, when, and what is still to be confirmed."""
    territory = current_territory()
    if territory is None:
        raise Http404
    network = Place.objects.select_related("organisation", "commune").filter(territory=territory)
    found = get_object_or_404(network, slug=slug)
    context = {
        "territory": territory,
        "place": found,
        "does": selectors.LEVELS[found.level],
        "hours": hours_in_words(found.hours),
        "opening": opening(found.hours, timezone.localtime(clock.now())),
    }
    return render(request, "portal/place.html", context)


@public
@require_safe
def map_of_communes(request: HttpRequest) -> HttpResponse:
    """The communes as a drawing, and the same content as a table."""
    territory = current_territory()
    communes = selectors.communes_of(territory) if territory else []
    tiles = selectors.tiles_of(communes, visible_places(territory.pk)) if territory else []
    width = max((tile.x for tile in tiles), default=0) + selectors.TILE_WIDTH
    height = max((tile.y for tile in tiles), default=0) + selectors.TILE_HEIGHT
    context = {
        "territory": territory,
        "tiles": tiles,
        "by_name": sorted(tiles, key=lambda tile: [c.name for c in communes].index(tile.name)),
        "width": width,
        "height": height,
        "tile_width": selectors.TILE_WIDTH - selectors.GAP,
        "tile_height": selectors.TILE_HEIGHT - selectors.GAP,
        "wide": width > 6 * selectors.TILE_WIDTH,
    }
    return render(request, "portal/map.html", context)


@public
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """How long those housed lately had waited, by type and commune, with where the figures come from."""
    territory, on = current_territory(), clock.today()
    context: dict[str, Any] = {"territory": territory}
    if territory is not None:
        times, tables = tables_of(territory, on)
        context |= {"times": times, "tables": tables, "file": cotation.attribution_file(territory.pk)}
    return render(request, "portal/waiting.html", context)


@public
@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """A page of text, with the legal delays it tells."""
    territory, on = current_territory(), clock.today()
    context = {
        "territory": territory,
        "delays": {
            code: parameter(code, on, territory.pk if territory else None).words for code in DELAYS.get(name, ())
        },
    }
    return render(request, f"portal/{name}.html", context)


@public
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    closed = ("/bureau/", "/compte/", "/demandes/", "/orienter/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@public
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """RFC 9116: where to report a weakness. Good for six months from each reading (the RFC asks under a year)."""
    expires = clock.now() + timedelta(days=180)
    lines = [
        f"Contact: {request.build_absolute_uri(reverse('portal:legal'))}",
        f"Expires: {expires:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: fr, en",
        f"Canonical: {request.build_absolute_uri(reverse('portal:security'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
