"""What other contexts may know of the orientation."""

from palier.orientation.forms import AdviceForm
from palier.orientation.opening import opening
from palier.orientation.selectors import Desk, Recommendation, open_desk, recommend, told_back, urgent

__all__ = ["AdviceForm", "Desk", "Recommendation", "open_desk", "opening", "recommend", "told_back", "urgent"]
