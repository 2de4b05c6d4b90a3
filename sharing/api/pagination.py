"""Pages by cursor: steady while new rows arrive."""

import re
from collections.abc import Callable
from typing import Final

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

_NUMBER: Final = re.compile(r"[0-9]{1,18}")


def is_number(position: str) -> bool:
    """Say whether a place in the list is a number."""
    return _NUMBER.fullmatch(position) is not None


def is_moment(position: str) -> bool:
    """Say whether a place in the list is a moment."""
    try:
        moment = parse_datetime(position)
    except ValueError:
        return False
    return moment is not None and moment.tzinfo is not None


class NewestFirst(CursorPagination):
    """The newest row first; `page_size` may be asked for."""

    ordering: str | tuple[str, ...] = "-pk"
    page_size = 25
    max_page_size = 100
    page_size_query_param = "page_size"
    is_position: Callable[[str], bool] = staticmethod(is_number)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Read a cursor; one that we did not make leads nowhere."""
        cursor: Cursor | None = super().decode_cursor(request)
        position = cursor.position if cursor else None
        if position is not None and not self.is_position(str(position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class ByQueue(NewestFirst):
    """Sendings by when they were queued."""

    ordering = ("-queued_at", "-place")
    is_position = staticmethod(is_moment)


class ByMaking(NewestFirst):
    """Packages by when they were made."""

    ordering = ("-created_at", "-pk")
    is_position = staticmethod(is_moment)
