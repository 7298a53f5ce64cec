"""What the desk and the portal may know of demands."""

from palier.demand.access import get_demand, own_demands, visible_demands
from palier.demand.models import Demand
from palier.demand.services import create_draft, register, save_rubric

__all__ = ["Demand", "create_draft", "get_demand", "own_demands", "register", "save_rubric", "visible_demands"]
