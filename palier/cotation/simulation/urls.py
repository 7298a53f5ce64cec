"""Addresses of trials."""

from django.urls import path

from palier.cotation.simulation import views

urlpatterns = [
    path("bureau/cotation/essais/", views.index, name="trials"),
    path("bureau/cotation/essais/resultat/", views.now, name="trial_now"),
    path("bureau/cotation/essais/resultat/rapport.pdf", views.now_report, name="trial_now_report"),
    path("bureau/cotation/essais/resultat/<slug:table>.csv", views.now_table, name="trial_now_table"),
    path("bureau/cotation/essais/lancer/", views.start, name="trial_start"),
    path("bureau/cotation/essais/<int:pk>/", views.kept, name="trial"),
    path("bureau/cotation/essais/<int:pk>/rapport.pdf", views.kept_report, name="trial_report"),
    path("bureau/cotation/essais/<int:pk>/<slug:table>.csv", views.kept_table, name="trial_table"),
    path("bureau/cotation/essais/<int:pk>/supprimer/", views.delete, name="trial_delete"),
    path("bureau/cotation/essais/fichiers/ajouter/", views.add_file, name="stock_file_new"),
    path("bureau/cotation/essais/fichiers/<int:pk>/supprimer/", views.delete_file, name="stock_file_delete"),
]
