"""Every field of a demand has its column: what is written in cells is what is read back."""

from datetime import date

from hypothesis import given, settings

from palier.common import tables
from palier.demand.content import RUBRICS, Content, Household, Identity, MemberContent, Resources
from palier.demand.exchange import fields, whole
from palier.demand.exchange.fields import Known
from palier.people.api import MemberRole
from tests.demand.whole_contents import COMMUNES, CONTENTS

KNOWN = Known(
    date(2026, 11, 22),
    date(1980, 1, 1),
    {fields.normalise(name): insee for insee, name in COMMUNES.items()} | {insee: insee for insee in COMMUNES},
)


def read_back(content: Content) -> Content:
    values = {}
    for code, cell in whole.cells_of(content, COMMUNES).items():
        if said := tables.bare(tables.safe(cell)):
            values[code] = whole.ALL[code].reader(said, KNOWN)
    return whole.content_of(values)


@settings(max_examples=100)
@given(CONTENTS)
def test_what_is_written_in_cells_is_read_back_whole(content: Content) -> None:
    assert read_back(content) == content


def test_every_field_of_the_content_has_one_column() -> None:
    held = [(item.section, item.name) for item in whole.ALL.values() if item.section]
    assert len(held) == len(set(held))
    for section, model in RUBRICS.items():
        lacking = {(section.value, name) for name in model.model_fields if name != "members"} - set(held)
        assert not lacking
    first = {name for _, name in held if name.startswith("members.0.")}
    assert {f"members.0.{name}" for name in MemberContent.model_fields} - first == {
        "members.0.person_id", "members.0.job", "members.0.income",
    }  # fmt: skip


def test_no_title_means_two_columns() -> None:
    meant: dict[str, set[str]] = {}
    for item in whole.ALL.values():
        for title in (item.label, *item.titles):
            meant.setdefault(fields.normalise(title), set()).add(item.code)
    assert {title: found for title, found in meant.items() if len(found) > 1} == {}


def test_cells_are_words_a_person_reads() -> None:
    content = Content(
        identite=Identity(civility="mrs", birth_name="Exemple"),
        menage=Household(members=(MemberContent(role=MemberRole.DEPENDANT, link="E"),)),
        ressources=Resources(monthly={"SAL": "1200", "AF": "140.5"}),
    )
    cells = whole.cells_of(content, COMMUNES)
    assert (cells["civility"], cells["membre_1_role"]) == ("Mme", "personne à charge")
    assert cells["membre_1_link"] == "enfant"
    assert cells["ressources_monthly"] == "SAL 1200|AF 140,5"
