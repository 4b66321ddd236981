"""Handing PDFs over."""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from .queries import StoredPdf


@dataclass(frozen=True, slots=True)
class ZippedFile:
    """A file of a zip."""

    name: str
    made_on: date
    content: bytes


def pdf_download(document: StoredPdf) -> HttpResponse:
    """Return a stored PDF as a file to keep."""
    return HttpResponse(
        document.content,
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=document.filename)},
    )


def zip_download(*, filename: str, files: Iterable[ZippedFile]) -> StreamingHttpResponse:
    """Return the files as one zip that is written while it is sent: one file at a time is in memory.

    They are not compressed: a PDF is already.
    """
    return StreamingHttpResponse(
        _zipped(files),
        content_type="application/zip",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=filename)},
    )


class _Outgoing:
    """What a zip is written to: it knows no way back, and gives away what has been written."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, part: bytes) -> int:
        self._written += part
        return len(part)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        part = bytes(self._written)
        self._written.clear()
        return part


def _zipped(files: Iterable[ZippedFile]) -> Iterator[bytes]:
    outgoing = _Outgoing()
    with zipfile.ZipFile(outgoing, "w") as together:  # type: ignore[call-overload]  # it only needs to be written to
        for file in files:
            day = file.made_on
            together.writestr(zipfile.ZipInfo(file.name, (day.year, day.month, day.day, 0, 0, 0)), file.content)
            yield outgoing.taken()
    yield outgoing.taken()
