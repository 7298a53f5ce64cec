"""Every route of the site, with an address to knock at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern, RoutePattern

SAMPLES = {"int": 999_999, "str": "exemple", "slug": "exemple", "uuid": "0" * 32, "path": "exemple"}
REGEX_SAMPLES = {"accent": "0f5c54", "uidb36": "1", "key": "set-password"}
"""One plausible value for each argument of a regular-expression route."""


@dataclass(frozen=True)
class Route:
    name: str
    view: Callable[..., Any]
    url: str


def all_routes(urlconf: str | None = None) -> list[Route]:
    """The routes of a URLconf (the site's when None). A route without a name is an error: nothing could declare it."""
    return list(_walk(get_resolver(urlconf), (), urlconf))


def _walk(resolver: URLResolver, namespaces: tuple[str, ...], urlconf: str | None) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from _walk(entry, inner, urlconf)
        else:
            assert entry.name, f"{entry.pattern} has no name"
            name = ":".join([*namespaces, entry.name])
            yield Route(name, entry.callback, reverse(name, urlconf=urlconf, kwargs=_arguments(entry)))


def _arguments(entry: URLPattern) -> dict[str, Any]:
    pattern = entry.pattern
    if isinstance(pattern, RoutePattern):
        kinds = {name: type(converter).__name__ for name, converter in pattern.converters.items()}
        return {name: SAMPLES[kind.removesuffix("Converter").lower()] for name, kind in kinds.items()}
    assert isinstance(pattern, RegexPattern)
    return {name: REGEX_SAMPLES[name] for name in pattern.regex.groupindex}
