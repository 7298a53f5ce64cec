from django.urls import path

from palier.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("ou-m-adresser/", views.where, name="where"),
    path("estimer-ma-note/", views.estimate, name="estimate"),
    path("delais-constates/", views.waiting, name="waiting"),
    path("lieux/", views.places, name="places"),
    path("lieux/<slug:slug>/", views.place, name="place"),
    path("carte/", views.map_of_communes, name="map"),
    path("ma-demande/", views.page, {"name": "demand"}, name="demand"),
    path("facile-a-lire/", views.page, {"name": "easy"}, name="easy"),
    path("accessibilite/", views.page, {"name": "accessibility"}, name="accessibility"),
    path("mentions-legales/", views.page, {"name": "legal"}, name="legal"),
    path("vos-donnees/", views.page, {"name": "privacy"}, name="privacy"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
]
