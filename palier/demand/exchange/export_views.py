"""Pages of exports: every demand of the organisation as a file, and one demand beside the national system."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from palier.common import tables
from palier.common.clock import now, today
from palier.common.errors import Refusal
from palier.common.forms import CleanCharField, DayField
from palier.demand.access import get_demand, whole
from palier.demand.exchange import asking, exports, services
from palier.demand.exchange.nuu import mapping, service, writing
from palier.demand.exchange.nuu.models import RadiationDetail
from palier.demand.exchange.whole import INADMISSIBLE
from palier.demand.form.fields import QuietForm
from palier.demand.models import Demand
from palier.journal import api as journal
from palier.territory.api import Right, acting, requires

XML = "application/xml; charset=utf-8"
FORMATS = (
    ("csv", "CSV\u00a0: un tableau, sans limite de taille"),
    ("xlsx", "Classeur Excel (XLSX)\u00a0: un tableau, 20\u202f000 demandes au plus"),
    ("xml", "XML du système national\u00a0: toutes les demandes"),
    ("nuu", "XML du système national\u00a0: les mouvements depuis une date"),
)


class ExportForm(QuietForm):
    """Which file, and for the national system which desk and since when."""

    format = forms.ChoiceField(label="Format", choices=FORMATS, widget=forms.RadioSelect)
    since = DayField("Mouvements depuis le", help_text="Pour les mouvements seulement\u00a0: ce jour compris.")
    desk = CleanCharField(
        label="Code du guichet",
        required=False,
        max_length=5,
        help_text="Pour le XML seulement\u00a0: cinq caractères, par exemple G1226.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("format")
        if chosen in {"xml", "nuu"} and not writing.DESK.fullmatch(data.get("desk") or ""):
            self.add_error("desk", "Écrivez le code du guichet\u00a0: cinq lettres majuscules ou chiffres.")
        if chosen == "nuu" and not data.get("since") and "since" not in self.errors:
            self.add_error("since", "Écrivez depuis quel jour.")
        return data


@require_http_methods(["GET", "POST"])
@requires(Right.REGISTER)
@whole
def export(request: HttpRequest) -> HttpResponseBase:
    """Say what would leave, then give the file."""
    actor = acting(request)
    form = ExportForm(request.POST if request.method == "POST" else None, initial={"desk": settings.PALIER_SNE_DESK})
    if request.method == "POST" and form.is_valid():
        try:
            return _file(request, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
    context = {
        "form": form, "stock": exports.stock(actor), "not_carried": mapping.NOT_CARRIED,
    }  # fmt: skip
    return render(request, "demand/exchange/export.html", context, status=422 if form.errors else 200)


def _file(request: HttpRequest, format: str, since: Any, desk: str) -> HttpResponseBase:
    actor, at = acting(request), localtime(now())
    name = f"demandes-{today():%Y-%m-%d}"
    if format == "csv":
        return _streamed(exports.as_csv(actor), tables.CSV, f"{name}.csv")
    if format == "xlsx":
        file = exports.as_xlsx(actor)
        return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=tables.XLSX)
    if format == "xml":
        return _streamed(exports.as_xml(actor, desk, at), XML, writing.file_name(desk, at))
    archive, _ = exports.movements(actor, since, desk, at)
    return FileResponse(archive, as_attachment=True, filename=f"{name}-mouvements.zip", content_type="application/zip")


def _streamed(content: Any, kind: str, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(content, content_type=kind, headers=headers)


@require_GET
@requires(Right.REGISTER)
@whole
def sne(request: HttpRequest, pk: int) -> HttpResponse:
    """One demand beside the national system: its file, what it lacks there, what that system said of its radiation."""
    actor = acting(request)
    demand = _registered(request, pk)
    detail = RadiationDetail.objects.filter(pk=demand.pk).first() if demand.is_struck else None
    journal.record(actor, "demand.read", "demand", demand.pk, {"page": "sne"})
    desk = writing.desk_of(demand.nud, settings.PALIER_SNE_DESK)
    context = {
        "demand": demand, "not_carried": mapping.NOT_CARRIED, "configured": service.configured() and bool(demand.nud),
        "askable": asking.may_be_asked(demand), "searchable": service.configured() and not demand.household.protected,
        "lacking": writing.lacking(demand.answers, demand.filed_on, desk), "detail": detail,
        "why": INADMISSIBLE.get(detail.why, "") if detail else "",
        "told": [line.partition(" ")[::2] for line in detail.details] if detail else [],
    }  # fmt: skip
    return render(request, "demand/exchange/sne.html", context)


@require_POST
@requires(Right.REGISTER)
@whole
def sne_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The demand as a file of the national system."""
    demand, at = _registered(request, pk), localtime(now())
    desk = writing.desk_of(demand.nud, settings.PALIER_SNE_DESK) or "00000"
    content = exports.one_as_xml(acting(request), demand, desk, at)
    name = writing.file_name(desk, at)
    return HttpResponse(content, content_type=XML, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_POST
@requires(Right.REGISTER)
@whole
def sne_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the demand again in the national system: an import of one row, which the agent checks first."""
    actor, demand, at = acting(request), _registered(request, pk), localtime(now())
    if not service.configured() or not demand.nud:
        raise Http404
    try:
        found = service.demand(service.access(), demand.nud, at)
        content = b"".join(writing.document(found, at, ""))
        upload = SimpleUploadedFile(f"SNE, demande du {today():%d/%m/%Y}.xml", content)
        journal.record(actor, "demand.sne_read", "demand", demand.pk)
        return redirect("demand:import", services.add_file(actor, upload, today()).pk)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("demand:sne", pk)


def _registered(request: HttpRequest, pk: int) -> Demand:
    """An active or struck demand of the agent's organisation; 404 for a draft."""
    demand = get_demand(acting(request), pk, Right.REGISTER)
    if demand.is_draft:
        raise Http404
    return demand
