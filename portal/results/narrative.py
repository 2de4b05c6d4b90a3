"""What a lab wrote as a page of its own, made harmless: words, lists and tables, nothing else."""

import re
from collections.abc import Iterator

import nh3
from django.utils.safestring import SafeString

from portal.accounts.models import User
from portal.records.models import Resource
from portal.results.clusters import Cluster

# No headings: theirs would stand in the order of ours. Their words stay.
_TAGS = {
    *("p", "br", "div", "span", "b", "strong", "i", "em", "u", "sub", "sup", "pre", "blockquote"),
    *("ul", "ol", "li", "dl", "dt", "dd", "a"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_ELSEWHERE = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_MARKUP = re.compile(r"<[^>]*>")


def cleaned(div: str) -> SafeString:
    """Return a narrative without scripts, styles, forms, frames, pictures and relative links.

    Spec: https://hl7.org/fhir/R4/narrative.html
    """
    clean = nh3.clean(
        div,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_full_links,
        link_rel="noopener noreferrer",
    )
    return SafeString(clean)  # nosec B703  # this is the one place that makes it safe


def lab_pages(patient: User, cluster: Cluster) -> list[SafeString]:
    """Return the narratives of the resources that a card was read from."""
    return [page for body in _bodies(patient, cluster) if (page := _page(body))]


def _only_full_links(_tag: str, attribute: str, value: str) -> str | None:
    # Links without a scheme pass a scheme check: //host would leave the site.
    return value if attribute != "href" or _ELSEWHERE.fullmatch(value.strip()) else None


def _bodies(patient: User, cluster: Cluster) -> Iterator[dict[str, object]]:
    names = {one.source.resource for one in cluster.findings}
    rows = Resource.objects.of(patient).filter(
        origin=cluster.shelf.origin,
        removed_at=None,
        source_id__in=[name.partition("/")[2] for name in names],
    )
    for row in rows.order_by("pk"):
        if f"{row.resource_type}/{row.source_id}" in names:
            yield row.body()


def _page(body: dict[str, object]) -> SafeString | None:
    text = body.get("text")
    div = text.get("div") if isinstance(text, dict) else None
    if not isinstance(div, str):
        return None
    page = cleaned(div)
    words = _MARKUP.sub("", page).strip()
    # Some servers print the resource itself there, which nobody reads.
    return None if not words or words.startswith(("{", "[")) else page
