"""Every address of Palier. Each view declares who may come (palier.territory.access)."""

from django.urls import include, path

urlpatterns = [
    path("", include("palier.portal.urls")),
    path("", include("palier.orientation.urls")),
    path("compte/", include("palier.accounts.urls")),
    path("", include("palier.territory.urls")),
    path("bureau/", include("palier.desk.urls")),
    path("demandes/", include("palier.demand.urls")),
    path("doublons/", include("palier.demand.doubles.urls")),
    path("", include("palier.cotation.urls")),
    path("", include("palier.common.urls")),
]

handler400 = "palier.common.failures.bad_request"
handler500 = "palier.common.failures.server_error"
# allauth looks this one up when there were too many tries.
handler429 = "palier.common.failures.too_many_requests"
