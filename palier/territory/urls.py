from django.urls import path

from palier.territory import values_views, views

app_name = "territory"
urlpatterns = [
    path("bureau/lieu/", views.change_place, name="change_place"),
    path("bureau/valeurs/", values_views.index, name="values"),
    path("bureau/valeurs/ajouter/", values_views.add, name="value_add"),
    path("theme/logo-<slug:mark>.svg", views.show_logo, name="logo"),
]
