"""Every address of every app, from the resolver: what there is to open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>[^)]*\)|\(\[\^/]\+\)")
NAMELESS = (
    "object_id",
    "version_id",
)  # of the one route whose parameters have no names: a row's version in its history
EXAMPLES = {"int": "1", "uuid": "00000000-0000-4000-8000-000000000000", "str": "x", "slug": "x", "path": "1"}


@dataclass(frozen=True, slots=True)
class Address:
    """A route as it is written, and its name with namespaces."""

    route: str
    name: str

    @property
    def called(self) -> str:
        """By its name, or by the route where it has none."""
        return self.route if self.name == "" or self.name.endswith(":") else self.name

    def path(self, **values: object) -> str:
        """An address of this route, each parameter as given or else an example of its type."""

        nameless = iter(NAMELESS)

        def value(found: re.Match[str]) -> str:
            kind, name, of_expression = found.groups()
            return str(values.get(name or of_expression or next(nameless), EXAMPLES[kind or "str"]))

        return "/" + PARAMETER.sub(value, self.route).replace("^", "").replace("$", "").replace("\\Z", "")


def every() -> list[Address]:
    """All of them, in the order in which they are looked up."""
    return list(_walk(get_resolver().url_patterns))


def _walk(patterns: list[URLPattern | URLResolver], route: str = "", name: str = "") -> Iterator[Address]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = f"{name}{pattern.namespace}:" if pattern.namespace else name
            yield from _walk(pattern.url_patterns, here, inside)
        else:
            yield Address(here, name + (pattern.name or ""))
