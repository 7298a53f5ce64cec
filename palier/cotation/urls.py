"""Pages of the grids: the public one, then those of the desk (versions, drafts, acts, trials)."""

from palier.cotation.adoption.urls import urlpatterns as adoption
from palier.cotation.simulation.urls import urlpatterns as simulation
from palier.cotation.workshop.urls import urlpatterns as workshop

app_name = "cotation"
urlpatterns = [*workshop, *adoption, *simulation]
