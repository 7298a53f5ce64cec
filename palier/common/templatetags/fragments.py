"""Small pieces of pages that come again and again, drawn once. `{% load fragments %}`."""

from collections.abc import Hashable, Iterable
from functools import lru_cache

from django import template
from django.template.loader import get_template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=4096)
def kept(name: str, it: Hashable) -> SafeString:
    """A template that reads nothing but `it`, a value that never changes: the same value is drawn once a process."""
    return get_template(name).render({"it": it})  # type: ignore[return-value]


@register.simple_tag
def facts(lines: Iterable[tuple[str, str]]) -> SafeString:
    """The lines of a `<dl class="facts">`, escaped."""
    return format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines)
