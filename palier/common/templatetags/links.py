"""`{% url %}` as Django's, but worked out once for each route: a page has dozens of links. Loaded everywhere."""

import re
from functools import lru_cache
from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as usual
from django.urls import NoReverseMatch, reverse

register = template.Library()
# What no route holds: a number, and a word.
_MARKS: dict[type, str] = {int: "70000000000000{}", str: "x-7000000-{}"}
_PLAIN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class LinkNode(URLNode):
    """A link whose arguments are numbers or plain words, or that has none, is its route with them put in."""

    def render(self, context: Context) -> Any:
        arguments = [argument.resolve(context) for argument in self.args]
        said = [str(argument) for argument in arguments]
        if self.kwargs or not all(map(_PLAIN.fullmatch, said)):
            return super().render(context)
        parts = _route(self.view_name.resolve(context), tuple(int if text.isdigit() else str for text in said))
        if parts is None:
            return super().render(context)
        address = "".join(text if place is None else said[place] for place, text in parts)
        if self.asvar:
            context[self.asvar] = address
            return ""
        return address


@lru_cache(maxsize=1024)
def _route(name: str, kinds: tuple[type, ...]) -> list[tuple[int | None, str]] | None:
    """The texts of a route and the places of its arguments; None when Django must say it, or say what is wrong."""
    marks = [_MARKS[kind].format(place) for place, kind in enumerate(kinds)]
    try:
        address = reverse(name, args=marks)
    except NoReverseMatch:
        return None
    parts = re.split(f"({'|'.join(marks)})", address) if marks else [address]
    if [part for part in parts if part in marks] != marks:
        return None
    return [(marks.index(part) if part in marks else None, part) for part in parts if part]


@register.tag
def url(parser: Parser, token: Token) -> LinkNode:
    """Same arguments as Django's tag."""
    node = usual(parser, token)
    return LinkNode(node.view_name, node.args, node.kwargs, node.asvar)
