"""« /sante/ »: whether Palier answers, for a probe or a load balancer. It names nothing that an attacker could use."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from palier.common.clock import now
from palier.common.models import Heartbeat, JobRun

# Past this silence the worker is taken for dead: it gives a sign every half minute.
SILENCE_SECONDS = 180


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers. The worker's silence or a failed job shows in the body. Two queries."""
    beat = Heartbeat.objects.first()
    alive = beat is not None and (now() - beat.seen_at).total_seconds() < SILENCE_SECONDS
    last = JobRun.objects.order_by("-started_at")[: len(settings.PALIER_JOBS)]
    failed = sorted({run.job for run in last if run.failed})
    return JsonResponse({"base": "ok", "ouvrier": "ok" if alive else "silencieux", "echecs": failed})
