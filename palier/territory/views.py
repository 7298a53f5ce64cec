"""Changing place, for those who work at several."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from palier.territory.access import member
from palier.territory.middleware import SESSION_KEY


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
