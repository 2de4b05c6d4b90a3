"""Pages by cursor: steady while new rows arrive."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """The newest row first; `page_size` may be asked for."""

    ordering: str | tuple[str, ...] = "-pk"
    page_size = 25
    max_page_size = 100
    page_size_query_param = "page_size"


class ByQueue(NewestFirst):
    """Sendings by when they were queued."""

    ordering = ("-queued_at", "-place")


class ByMaking(NewestFirst):
    """Packages by when they were made."""

    ordering = ("-created_at", "-pk")
