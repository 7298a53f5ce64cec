from django.urls import re_path

from palier.common import views
from palier.common.health import health

urlpatterns = [
    re_path(r"^sante/$", health, name="health"),
    re_path(r"^theme/(?P<accent>[0-9a-f]{6})\.css$", views.theme, name="theme"),
    re_path(r"^design/$", views.design, name="design"),
]
