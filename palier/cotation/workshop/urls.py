"""Addresses of the public grid, of versions and of drafts."""

from django.urls import path

from palier.cotation.workshop import edit_views, public, views

urlpatterns = [
    path("grille/", public.grid, name="public"),
    path("grille/grille.yaml", public.file, name="public_file"),
    path("bureau/cotation/", views.index, name="index"),
    path("bureau/cotation/versions/<int:pk>/", views.version, name="version"),
    path("bureau/cotation/brouillons/nouveau/", views.new, name="draft_new"),
    path("bureau/cotation/brouillons/<int:pk>/", views.draft, name="draft"),
    path("bureau/cotation/brouillons/<int:pk>/texte/<slug:part>/", views.text, name="draft_text"),
    path("bureau/cotation/brouillons/<int:pk>/ordre/", views.order, name="draft_order"),
    path("bureau/cotation/brouillons/<int:pk>/reprendre/", views.restore, name="draft_restore"),
    path("bureau/cotation/brouillons/<int:pk>/ranger/", views.archive, name="draft_archive"),
    path("bureau/cotation/brouillons/<int:pk>/reglages/<slug:part>/", edit_views.settings, name="draft_settings"),
    path("bureau/cotation/brouillons/<int:pk>/exemples/", edit_views.examples, name="draft_examples"),
    path("bureau/cotation/brouillons/<int:pk>/exemples/<int:number>/", edit_views.example, name="draft_example"),
    path("bureau/cotation/brouillons/<int:pk>/<slug:part>/<int:number>/", edit_views.item, name="draft_item"),
]
