"""Who may know whom: the layers, the single door of each context, and foreign keys that point down."""

import grimp
import pytest
from django.apps import apps
from django.db.models import Field, ForeignKey, ManyToManyField, Model
from importlinter.cli import lint_imports

from tests.architecture.layers import ROOT, layers, rank

OPEN_CONTEXTS = {"common"}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("palier", cache_dir=None)


def context_of(module: str) -> str:
    return module.split(".")[1] if module.count(".") else ""


def doors_missed(graph: grimp.ImportGraph) -> list[str]:
    """Imports of another context that do not pass through its api.py."""
    return [
        f"{importer} imports {imported}"
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
        if context_of(importer) != context_of(imported)
        and context_of(imported) not in OPEN_CONTEXTS
        and imported.split(".")[2:3] != ["api"]
    ]


def relations() -> list[tuple[type[Model], Field]]:
    models = [model for model in apps.get_models() if model.__module__.startswith("palier.")]
    return [
        (model, field)
        for model in models
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if isinstance(field, ForeignKey | ManyToManyField)
    ]


def test_contexts_import_only_from_the_lines_below_their_own() -> None:
    assert lint_imports(str(ROOT / ".importlinter"), cache_dir=None) == 0


def test_every_context_has_its_line() -> None:
    named = set().union(*layers())
    built = {path.parent.name for path in (ROOT / "palier").glob("*/__init__.py")}
    assert built <= named


def test_another_context_is_reached_only_through_its_api(graph: grimp.ImportGraph) -> None:
    assert doors_missed(graph) == []


def test_an_import_beside_the_door_is_seen() -> None:
    graph = grimp.ImportGraph()
    for importer, imported in [
        ("palier.demand.services", "palier.people.models"),
        ("palier.demand.services", "palier.people.api"),
        ("palier.demand.services", "palier.demand.models"),
        ("palier.demand.services", "palier.common.text"),
    ]:
        graph.add_module(importer)
        graph.add_module(imported)
        graph.add_import(importer=importer, imported=imported)
    assert doors_missed(graph) == ["palier.demand.services imports palier.people.models"]


@pytest.mark.parametrize(("model", "field"), relations(), ids=lambda value: getattr(value, "__name__", str(value)))
def test_foreign_keys_point_down(model: type[Model], field: Field) -> None:
    own, target = context_of(model.__module__), field.related_model
    assert isinstance(target, type)
    if target.__module__.startswith("palier."):
        other = context_of(target.__module__)
        assert own == other or rank(other) < rank(own), f"{model.__name__}.{field.name} points up to {other}"
    if not target.__module__.startswith(f"palier.{own}."):
        assert field.remote_field.hidden, f'{model.__name__}.{field.name} needs related_name="+"'
