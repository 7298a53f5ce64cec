"""Changing place, for those who work at several; and the territory's logo."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from palier.territory.access import member, public
from palier.territory.logo import version
from palier.territory.middleware import SESSION_KEY
from palier.territory.selectors import current_territory


@member
@require_http_methods(["GET", "HEAD", "POST"])
def change_place(request: HttpRequest) -> HttpResponse:
    """The places where this professional works; a choice holds until the end of the session."""
    memberships = request.memberships  # type: ignore[attr-defined]
    if request.method == "POST":
        chosen = next((row for row in memberships if str(row.pk) == request.POST.get("membership")), None)
        if chosen is not None:
            request.session[SESSION_KEY] = chosen.pk
            return redirect("desk:today")
    return render(
        request, "territory/change_place.html", {"memberships": memberships, "wrong": request.method == "POST"}
    )


@public
@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def show_logo(request: HttpRequest, mark: str) -> HttpResponse:
    """The logo as it was checked when the territory was loaded. Its address changes with it, so it never expires."""
    territory = current_territory()
    if territory is None or not territory.logo or version(territory.logo) != mark:
        raise Http404
    return HttpResponse(territory.logo, content_type="image/svg+xml; charset=utf-8")
