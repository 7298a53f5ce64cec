from django.urls import path

from palier.desk import accounts_views, views

app_name = "desk"
urlpatterns = [
    path("", views.day, name="today"),
    path("recherche/", views.search, name="search"),
    path("delais/", views.figures, name="figures"),
    path("journal/", views.audit, name="journal"),
    path("comptes/", accounts_views.index, name="accounts"),
    path("comptes/inviter/", accounts_views.invite, name="invite"),
    path("comptes/<int:pk>/", accounts_views.person, name="account"),
    path("comptes/<int:pk>/<slug:act>/", accounts_views.change, name="change_account"),
    path("comptes/rattachement/<int:pk>/fin/", accounts_views.end, name="end_membership"),
]
