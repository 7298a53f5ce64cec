"""The law for every other context: dated parameters and the arithmetic of delays."""

from palier.law.arithmetic import (
    add_business_days,
    add_months,
    add_working_days,
    clear_days,
    complete_months,
    complete_years,
    extend_642,
    is_business_day,
    is_holiday,
    is_working_day,
)
from palier.law.ceilings import Ceilings, Financing, Zone, ceilings_on, zone_of
from palier.law.enums import STATUS_LABELS
from palier.law.enums import Status as SourceStatus
from palier.law.parameters import NoValue, Parameter
from palier.law.services import LocalRow, check_local_values, parameter, set_local_values

__all__ = [
    "STATUS_LABELS",
    "Ceilings",
    "Financing",
    "LocalRow",
    "NoValue",
    "Parameter",
    "SourceStatus",
    "Zone",
    "add_business_days",
    "add_months",
    "add_working_days",
    "ceilings_on",
    "check_local_values",
    "clear_days",
    "complete_months",
    "complete_years",
    "extend_642",
    "is_business_day",
    "is_holiday",
    "is_working_day",
    "parameter",
    "set_local_values",
    "zone_of",
]
