from django.urls import path

from palier.demand import views

app_name = "demand"
urlpatterns = [
    path("", views.index, name="list"),
    path("nouvelle/", views.new, name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/rubrique/<slug:section>/", views.rubric, name="rubric"),
    path("<int:pk>/enregistrer/", views.register, name="register"),
    path("<int:pk>/mettre-a-jour/", views.update, name="update"),
    path("<int:pk>/abandonner/", views.discard, name="discard"),
    path("<int:pk>/supprimer/", views.delete, name="delete"),
    path("<int:pk>/numero/", views.nud, name="nud"),
    path("<int:pk>/reception/", views.reception, name="reception"),
    path("<int:pk>/reception/annuler/", views.reopen_reception, name="reopen_reception"),
    path("<int:pk>/piece/<slug:criterion>/", views.proof, name="proof"),
    path("<int:pk>/comparer/", views.compare, name="compare"),
    path("<int:pk>/parmi/", views.standing, name="standing"),
    path("<int:pk>/historique/", views.history, name="history"),
    path("<int:pk>/fiche/", views.sheet, name="sheet"),
    path("<int:pk>/nouvelle-grille/", views.grid_change, name="grid_change"),
    path("<int:pk>/nouvelle-grille/lettre/", views.grid_letter, name="grid_letter"),
]
