"""`orientation.yaml` in the folder of a territory: checked with its examples, loaded once, proposed to newcomers."""

from pathlib import Path

import pytest
from django.conf import settings

from palier.common.yamlfile import parse, read, validate
from palier.orientation import files
from palier.orientation.guide import ExamplesFile, codes, read_guide
from palier.orientation.models import GuideText
from palier.orientation.rules import advise
from palier.territory.enums import OrganisationKind
from palier.territory.files import Folder, read_folder
from tests.factories import make_territory

HENIN = settings.PALIER_TERRITORIES_DIR / "henin-carvin"


@pytest.fixture(scope="module")
def henin() -> Folder:
    return read_folder(HENIN)[0]


def test_every_example_of_henin_carvin_gives_the_places_it_expects(henin: Folder) -> None:
    assert [str(p) for p in files.check(henin.sources[files.RULES], henin)] == []


def test_the_examples_of_henin_carvin_try_every_rule(henin: Folder) -> None:
    communes = {commune.insee: commune.name for commune in henin.communes}
    guide = read_guide(henin.sources[files.RULES], files.network_of(henin), communes, list(OrganisationKind))
    examples = validate(henin.sources[files.EXAMPLES], ExamplesFile).examples
    spoken = {
        advice.rule
        for example in examples
        for advice in advise(guide, files.network_of(henin), codes(example.answers, communes))
    }
    assert {rule.code for rule in guide.rules} - spoken == set()


def test_an_example_that_fails_is_told_with_its_file_and_line(henin: Folder) -> None:
    wrong = parse(
        "exemples:\n  - nom: Faux\n    reponses: {commune: Carvin}\n    attendu: [portail-national]\n", files.EXAMPLES
    )
    folder = Folder(henin.path, {files.EXAMPLES: wrong}, henin.territory, henin.communes, henin.organisations)
    [problem] = files.check(henin.sources[files.RULES], folder)
    assert (problem.file, problem.line) == (files.EXAMPLES, 4)
    assert "obtenu mairie-carvin" in problem.sentence


def test_the_default_rules_suit_any_network(henin: Folder) -> None:
    text = files.default(henin)
    bare = Folder(Path(), {}, henin.territory, henin.communes, ())
    full = Folder(Path(), {}, henin.territory, henin.communes, henin.organisations)
    assert files.check(parse(text, files.RULES), full) == []
    assert files.check(parse(text, files.RULES), bare) == []


def test_loading_twice_changes_nothing_the_second_time(db: None, henin: Folder) -> None:
    territory = make_territory()
    source = read(HENIN / files.RULES)
    assert files.load(territory, source, henin) == ["+ règles d’orientation"]
    assert files.load(territory, source, henin) == []
    assert files.load(territory, parse(source.text + "\n# relu\n", files.RULES), henin) == ["~ règles d’orientation"]
    assert GuideText.objects.get(territory=territory).text.endswith("# relu\n")
