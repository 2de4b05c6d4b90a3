"""The one file inside what is packed: zip is how makers of home tests hand out their data."""

import gzip
import zipfile
import zlib
from io import BytesIO

GZIP = b"\x1f\x8b"
_ADDED_FOLDER = "__MACOSX/"  # what systems add on their own
_ADDED_FILES = (".DS_Store", "Thumbs.db")


class NoOneFile(ValueError):
    """What is packed is broken or locked, or holds none or several files."""


class TooBig(ValueError):
    """What is inside is bigger than may be taken in."""


def one_file(content: bytes, most: int) -> tuple[str, bytes]:
    """Return name and bytes of the one file in an archive; no more than `most` are unpacked.

    Raises NoOneFile or TooBig.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            inside = [one for one in archive.infolist() if not _is_beside(one)]
            if len(inside) != 1:
                raise NoOneFile
            with archive.open(inside[0]) as packed:
                found = packed.read(most + 1)
    except (zipfile.BadZipFile, RuntimeError, EOFError, zlib.error) as bad:
        raise NoOneFile from bad  # locked, or packed in a way that nobody reads
    if len(found) > most:
        raise TooBig
    return inside[0].filename.rsplit("/", 1)[-1], found


def gunzipped(content: bytes, most: int) -> bytes:
    """Return what was packed with gzip; no more than `most` bytes are unpacked.

    Raises NoOneFile or TooBig.
    """
    try:
        with gzip.open(BytesIO(content)) as packed:
            found = packed.read(most + 1)
    except (OSError, EOFError, zlib.error) as bad:
        raise NoOneFile from bad
    if len(found) > most:
        raise TooBig
    return found


def _is_beside(one: zipfile.ZipInfo) -> bool:
    added = one.filename.startswith(_ADDED_FOLDER) or one.filename.endswith(_ADDED_FILES)
    return one.is_dir() or added
