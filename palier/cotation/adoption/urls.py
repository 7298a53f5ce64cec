"""Addresses of the acts that put a grid in force."""

from django.urls import path

from palier.cotation.adoption import views

urlpatterns = [
    path("bureau/cotation/actes/", views.index, name="adoptions"),
    path("bureau/cotation/actes/nouveau/<int:pk>/", views.new, name="adoption_new"),
    path("bureau/cotation/actes/<int:pk>/", views.detail, name="adoption"),
    path("bureau/cotation/actes/<int:pk>/confirmer/", views.confirm, name="adoption_confirm"),
    path("bureau/cotation/actes/<int:pk>/retirer/", views.withdraw, name="adoption_withdraw"),
    path("bureau/cotation/actes/<int:pk>/recommencer/", views.restart, name="adoption_restart"),
]
