"""Pages of the grids: the public one, then those of the desk (versions, drafts, acts, trials)."""

from django.urls import URLPattern

app_name = "cotation"
urlpatterns: list[URLPattern] = []
