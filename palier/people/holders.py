"""Who else points to a person or a household.

People are under every context that speaks of them: merging, exporting or erasing somebody must reach all that is held
about them without `people` knowing who holds it. Each context registers its models in `AppConfig.ready()`; an
architecture test fails where a model points to a person or a household and is not registered.
"""

_REGISTERED: set[tuple[str, str]] = set()


def register(model: str, field: str) -> None:
    """Say that `field` of `model` (« demand.Demand ») points to a person or a household."""
    _REGISTERED.add((model, field))


def registered() -> frozenset[tuple[str, str]]:
    """Every (model, field) that holds something about somebody."""
    return frozenset(_REGISTERED)
