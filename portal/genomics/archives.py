"""The files inside what is packed: zip is how makers of home tests hand out their data."""

import gzip
import zipfile
import zlib
from io import BytesIO

GZIP = b"\x1f\x8b"
MOST_FILES = 20
_ADDED_FOLDER = "__MACOSX/"  # what systems add on their own
_ADDED_FILES = (".DS_Store", "Thumbs.db")


class NotUnpacked(ValueError):
    """What is packed is broken or locked, or holds no file or very many."""


class TooBig(ValueError):
    """What is inside is bigger than may be taken in."""


def files(content: bytes, most: int) -> list[tuple[str, bytes]]:
    """Return name and bytes of each file in an archive; no more than `most` are unpacked in all.

    Raises NotUnpacked or TooBig.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            inside = [one for one in archive.infolist() if not _is_beside(one)]
            if not 0 < len(inside) <= MOST_FILES:
                raise NotUnpacked
            found = []
            for one in inside:
                with archive.open(one) as packed:
                    found.append((one.filename.rsplit("/", 1)[-1], packed.read(most + 1)))
                most -= len(found[-1][1])
                if most < 0:
                    raise TooBig
    except (zipfile.BadZipFile, RuntimeError, EOFError, zlib.error) as bad:
        raise NotUnpacked from bad  # locked, or packed in a way that nobody reads
    return found


def gunzipped(content: bytes, most: int) -> bytes:
    """Return what was packed with gzip; no more than `most` bytes are unpacked.

    Raises NotUnpacked or TooBig.
    """
    try:
        with gzip.open(BytesIO(content)) as packed:
            found = packed.read(most + 1)
    except (OSError, EOFError, zlib.error) as bad:
        raise NotUnpacked from bad
    if len(found) > most:
        raise TooBig
    return found


def _is_beside(one: zipfile.ZipInfo) -> bool:
    added = one.filename.startswith(_ADDED_FOLDER) or one.filename.endswith(_ADDED_FILES)
    return one.is_dir() or added
