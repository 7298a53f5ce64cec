from django.urls import path

from palier.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.day, name="today"),
    path("recherche/", views.search, name="search"),
    path("delais/", views.figures, name="figures"),
    path("journal/", views.audit, name="journal"),
]
