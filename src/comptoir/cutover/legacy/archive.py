"""Opening what came as a zip, a spreadsheet or a folder of files, without trusting what it says of itself."""

from __future__ import annotations

import io
import zlib
from lzma import LZMAError
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from comptoir.cutover.legacy.errors import ExportUnreadable

LARGEST_UNPACKED = 1024 * 1024 * 1024
# What Python raises for a zip that is broken, locked, or packed in a way that it does not know.
UNREADABLE = (BadZipFile, EOFError, LZMAError, OSError, RuntimeError, ValueError, zlib.error)


def open_archive(content: bytes) -> ZipFile:
    """Open a zip. Raises BadZipFile where it is none, ExportUnreadable where it is beyond 1 GB."""
    try:
        archive = ZipFile(io.BytesIO(content))
    except UNREADABLE as error:
        raise BadZipFile(str(error)) from error
    if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
        raise ExportUnreadable(_("The file unpacks to more than 1 GB; hand it over in parts."))
    return archive
