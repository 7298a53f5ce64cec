from django.urls import path

from palier.demand.doubles import views

app_name = "doubles"
urlpatterns = [
    path("", views.index, name="list"),
    path("chercher/", views.search, name="search"),
    path("chiffres/", views.figures, name="figures"),
    path("reunions/", views.merges, name="merges"),
    path("reunions/<int:merge>/annuler/", views.undo, name="undo"),
    path("<int:pair>/", views.one, name="pair"),
    path("<int:pair>/reunir/", views.merge, name="merge"),
]
