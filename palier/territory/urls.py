from django.urls import path

from palier.territory import views

app_name = "territory"
urlpatterns = [
    path("bureau/lieu/", views.change_place, name="change_place"),
    path("theme/logo-<slug:mark>.svg", views.show_logo, name="logo"),
]
