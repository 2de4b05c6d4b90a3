"""A few words of SVG: shapes as text, with colours as attributes so that pages and PDFs agree."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString

INK = "#17282f"
SOFT = "#47575e"
LINE = "#6d7d84"
BRAND = "#123f4b"
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"

type Value = str | float


@dataclass(frozen=True)
class Picture:
    """A drawing, and the same facts as sentences."""

    svg: SafeString
    twin: tuple[str, ...] = ()


@dataclass(frozen=True)
class Canvas:
    """The frame of a drawing: its name for ids, its size, what it shows in words."""

    name: str
    width: float
    height: float
    title: str
    description: str
    has_links: bool = False


def number(value: float) -> str:
    """Return a number as short as it can be written, to one decimal place."""
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"


def element(tag: str, content: str = "", **attributes: Value | None) -> str:
    """Return an element; `_` in attribute names stands for `-`, None leaves one out."""
    pairs = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{pairs}>{content}</{tag}>" if content else f"<{tag}{pairs}/>"


def _value(value: Value) -> str:
    return escape(value) if isinstance(value, str) else number(value)


def text(words: str, **attributes: Value | None) -> str:
    """Return words as an SVG text; letters that mean something in XML are escaped."""
    return element("text", escape(words), **attributes)


def link(address: str, words: str, *parts: str) -> str:
    """Return parts that lead to an address, named by words."""
    return element("a", "".join(parts), href=address, aria_label=words)


def drawing(canvas: Canvas, parts: Sequence[str]) -> SafeString:
    """Return the whole SVG with its title and description.

    Links inside an image cannot be reached, so a picture with links is a group.
    """
    title, description = f"{canvas.name}-title", f"{canvas.name}-desc"
    body = "".join(
        (
            element("title", escape(canvas.title), id=title),
            element("desc", escape(canvas.description), id=description),
            *parts,
        )
    )
    svg = element(
        "svg",
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(canvas.width)} {number(canvas.height)}",
        width=canvas.width,
        height=canvas.height,
        role="group" if canvas.has_links else "img",
        aria_labelledby=f"{title} {description}",
        font_family=FONT,
        font_size="13",
        fill=INK,
    )
    # Every value above is escaped by element() and text().
    return SafeString(svg)  # nosec B703
