"""The tags of a PDF: what a reader of the screen goes by."""

from collections.abc import Iterator
from io import BytesIO

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

# Which elements may stand in which. Spec: ISO 32000-1, tables 336 and 337
_INSIDE = {
    "/L": {"/L", "/LI", "/Caption"},
    "/LI": {"/Lbl", "/LBody"},
    "/Table": {"/TR", "/THead", "/TBody", "/TFoot", "/Caption"},
    "/TR": {"/TH", "/TD"},
}


def faults(pdf: bytes) -> list[str]:
    """Return every element in a wrong place, figure without words, and cell without a header."""
    tree = PdfReader(BytesIO(pdf)).root_object["/StructTreeRoot"].get_object()
    assert isinstance(tree, DictionaryObject)
    elements = list(_elements(tree, ""))
    known = {str(one["/ID"]) for _, one in elements if "/ID" in one}
    found = []
    for above, one in elements:
        kind = _kind(one)
        if kind not in _INSIDE.get(above, {kind}):
            found.append(f"{above} > {kind}")
        if kind == "/Figure" and "/Alt" not in one:
            found.append("a figure without words")
        if kind == "/TD" and not _headers(one) & known:
            found.append("a cell without a header")
    return found


def _kind(element: DictionaryObject) -> str:
    return str(element["/S"])


def _headers(cell: DictionaryObject) -> set[str]:
    return {str(one) for one in cell.get("/A", {}).get("/Headers", [])}


def _elements(node: DictionaryObject, above: str) -> Iterator[tuple[str, DictionaryObject]]:
    for child in _children(node):
        if "/S" in child:
            yield above, child
            yield from _elements(child, _kind(child))


def _children(node: DictionaryObject) -> Iterator[DictionaryObject]:
    below = node.get("/K")
    below = below.get_object() if below is not None else None
    for one in below if isinstance(below, ArrayObject) else [below]:
        found = one.get_object() if one is not None else None
        if isinstance(found, DictionaryObject):
            yield found
