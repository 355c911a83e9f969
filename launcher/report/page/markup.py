"""HTML and SVG made of parts, in which every text is escaped. Pure.

Names of jobs, stages and tables come from whoever ran the job: none may become an element of the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_EMPTY = frozenset({"meta", "br", "path", "line", "rect", "circle", "polyline"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | Iterable[str]


def tag(name: str, /, *children: Child, **attributes: object) -> Markup:
    """An element; a plain text in it is escaped, ``Markup`` is not.

    Args:
        name: of the element.
        children: texts, elements, or lists of them.
        attributes: ``class_`` is ``class``, ``data_x`` is ``data-x``; those that are ``None`` are left out.
    """
    begin = f"<{name}{''.join(_attributes(attributes))}"
    if name in _EMPTY:  # in a drawing only the slash ends them
        return Markup(f"{begin}/>")
    return Markup(f"{begin}>{''.join(map(_text, children))}</{name}>")


def scrolling(label: str, *children: Child) -> Markup:
    """A part that scrolls by itself where the screen is narrow; without a role nobody hears its label."""
    return tag("div", *children, class_="scroll", tabindex=0, role="region", aria_label=label)


def joined(parts: Iterable[str]) -> Markup:
    """Elements one after the other."""
    return Markup("".join(map(_text, parts)))


def _attributes(attributes: dict[str, object]) -> Iterable[str]:
    for name, value in attributes.items():
        if value is not None:
            yield f' {name.rstrip("_").replace("_", "-")}="{escape(str(value), quote=True)}"'


def _text(child: Child) -> str:
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return escape(child, quote=True)
    return "".join(map(_text, child))
