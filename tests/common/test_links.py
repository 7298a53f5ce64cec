"""`{% url %}` worked out once gives what Django's gives."""

import pytest
from django.template import Context, Engine, TemplateSyntaxError
from django.urls import NoReverseMatch, reverse

from palier.common.templatetags.links import LinkNode


def rendered(text: str, **values: object) -> str:
    return (
        Engine.get_default().from_string("{% autoescape off %}" + text + "{% endautoescape %}").render(Context(values))
    )


@pytest.mark.parametrize(
    ("route", "arguments"),
    [
        ("demand:list", []),
        ("demand:detail", [12]),
        ("demand:detail", [0]),
        ("demand:detail", ["12"]),
        ("demand:rubric", [7, "menage"]),
        ("demand:proof", [7, "logement-insalubre_2"]),
        ("demand:proof", [7, "a b/é"]),
        ("demand:proof", [7, "70000000000000"]),
    ],
)
def test_a_link_is_that_of_django_the_first_time_and_the_next(route: str, arguments: list[object]) -> None:
    try:
        wanted = reverse(route, args=arguments)
    except NoReverseMatch:
        wanted = ""
    names = " ".join(f"a{place}" for place in range(len(arguments)))
    values = {f"a{place}": value for place, value in enumerate(arguments)}
    for _ in range(2):
        if wanted:
            assert rendered(f"{{% url '{route}' {names} %}}", **values) == wanted
        assert rendered(f"{{% url '{route}' {names} as kept %}}{{{{ kept }}}}", **values) == wanted


def test_an_unknown_route_is_refused_as_django_refuses_it() -> None:
    with pytest.raises(NoReverseMatch):
        rendered("{% url 'demand:nowhere' 3 %}")
    with pytest.raises(TemplateSyntaxError):
        rendered("{% url %}")
    assert rendered("{% url 'demand:nowhere' 3 as kept %}{{ kept }}") == ""


def test_every_page_takes_these_links() -> None:
    nodes = Engine.get_default().from_string("{% url 'demand:list' %}").nodelist
    assert isinstance(nodes[0], LinkNode)
