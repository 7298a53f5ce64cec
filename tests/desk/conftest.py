from tests.demand.conftest import agent, elsewhere, grid, here, informer, territory

__all__ = ["agent", "elsewhere", "grid", "here", "informer", "territory"]
