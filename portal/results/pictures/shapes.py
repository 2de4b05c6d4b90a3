"""The shape and colour of each group of results. Shape, colour and word always go together."""

from dataclasses import dataclass

from portal.results.pictures.svg import element, number


@dataclass(frozen=True)
class Mark:
    """How a group is drawn."""

    shape: str
    colour: str


MARKS = {
    "soon": Mark("triangle", "#8a3b12"),
    "medicines": Mark("square", "#0b5a9c"),
    "pass-on": Mark("circle", "#1d6a3c"),
    "unclear": Mark("diamond", "#5d3b91"),
    "tumour": Mark("pentagon", "#7a1f5c"),
    "other": Mark("ring", "#47575e"),
    "nothing": Mark("ring", "#47575e"),
}

_CORNERS = {
    "triangle": ((0, -1.1), (1.05, 0.85), (-1.05, 0.85)),
    "square": ((-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)),
    "diamond": ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    "pentagon": ((0, -1.1), (1.05, -0.34), (0.65, 0.9), (-0.65, 0.9), (-1.05, -0.34)),
}


def mark(group: str, x: float, y: float, size: float = 6) -> str:
    """Return the mark of a group with its centre at x, y; `size` is about half its width."""
    look = MARKS.get(group, MARKS["other"])
    if look.shape == "ring":
        return element(
            "circle", cx=x, cy=y, r=size * 0.85, fill="#fff", stroke=look.colour, stroke_width=2.2
        )
    if look.shape == "circle":
        return element("circle", cx=x, cy=y, r=size, fill=look.colour)
    corners = _CORNERS[look.shape]
    points = " ".join(f"{number(x + dx * size)},{number(y + dy * size)}" for dx, dy in corners)
    return element("polygon", points=points, fill=look.colour)


def legend_mark(group: str) -> str:
    """Return the mark alone, 18 by 18, for use beside its word."""
    shape = mark(group, 9, 9, 7)
    return element("svg", shape, width=18, height=18, viewBox="0 0 18 18", aria_hidden="true")
