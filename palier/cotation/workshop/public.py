"""The grid in force as anyone reads it: criteria, points, proofs, refusals, information (R441-2-10 11°, R441-2-17)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from palier.common.clock import today
from palier.cotation.workshop.selectors import public_page
from palier.territory.api import current_territory, public


@public
@require_safe
def grid(request: HttpRequest) -> HttpResponse:
    """One version in plain words; without `version`, the one in force."""
    territory, wanted = current_territory(), request.GET.get("version", "")[:20]
    page = public_page(territory.pk, today(), wanted) if territory else None
    if page is None and wanted:
        raise Http404
    return render(request, "cotation/workshop/public.html", {"territory": territory, "page": page, "today": today()})


@public
@require_safe
def file(request: HttpRequest) -> HttpResponse:
    """The same version as its file, for who wants to check or to take it over."""
    territory, wanted = current_territory(), request.GET.get("version", "")[:20]
    page = public_page(territory.pk, today(), wanted) if territory else None
    if page is None:
        raise Http404
    answer = HttpResponse(page.version.source, content_type="text/yaml; charset=utf-8")
    name = f"grille-{page.version.grid}-version-{page.version.version}.yaml"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
