"""Page marks: a place in a list ordered by time, newest first, that later rows do not move."""

from __future__ import annotations

import base64
import binascii
import struct

from services.errors import UsageError


def make_cursor(time: int, name: str) -> str:
    """Return the mark of the row with this time (microseconds) and name."""
    data = struct.pack(">q", time) + name.encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """Return the time and the name that a mark holds; UsageError when it is not one of ours."""
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return struct.unpack_from(">q", data)[0], data[8:].decode()
    except (binascii.Error, struct.error, ValueError):
        raise UsageError(
            "The page mark is not one that Framewatch gave out; begin again at the first page."
        ) from None
