"""Which files may come with a message, told by what is in them."""

from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile, ZipFile

import puremagic
from django.utils.translation import gettext as _

from .errors import FileRefused

MOST_FILES = 5
LARGEST_BYTES = 10 * 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

# A name's ending, and the media type that its content must be of.
ACCEPTED = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "heic": "image/heif",
    "docx": f"{OFFICE}wordprocessingml.document",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "pptx": f"{OFFICE}presentationml.presentation",
    "odt": f"{OPEN_DOCUMENT}text",
    "ods": f"{OPEN_DOCUMENT}spreadsheet",
}
# Office files are archives, alike by their first bytes: what they are is said by one of the parts in them.
OFFICE_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
MACROS = "vbaproject.bin"
LONGEST_TYPE = 100


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as it was sent."""

    name: str
    content: bytes


def media_type_of(file: NewFile) -> str:
    """Return the media type of a file that may come with a message.

    Raises FileRefused for one that is empty, too large, of another kind, or not what its name says.
    """
    if not file.content:
        raise FileRefused(_("“%(name)s” is empty; choose the file again.") % {"name": file.name})
    if len(file.content) > LARGEST_BYTES:
        raise FileRefused(
            _("“%(name)s” is larger than %(megabytes)s MB; send it in parts, or as smaller pictures.")
            % {"name": file.name, "megabytes": LARGEST_BYTES // 1024**2}
        )
    ending = file.name.rpartition(".")[2].lower()
    wanted = ACCEPTED.get(ending)
    if wanted is None or not _is_so(file.content, ending=ending, wanted=wanted):
        raise FileRefused(
            _(
                "“%(name)s” is no PDF, picture (PNG, JPEG, WebP, HEIC) or office file without macros (.docx, .xlsx, "
                ".pptx, .odt, .ods), or its name does not fit what is in it; save it as a PDF and choose it again."
            )
            % {"name": file.name}
        )
    return wanted


def _is_so(content: bytes, *, ending: str, wanted: str) -> bool:
    if ending in OFFICE_PARTS or wanted.startswith(OPEN_DOCUMENT):
        return _is_office(content, part=OFFICE_PARTS.get(ending, ""), wanted=wanted)
    try:
        return any(match.mime_type == wanted for match in puremagic.magic_string(content))
    except puremagic.PureError:
        return False


def _is_office(content: bytes, *, part: str, wanted: str) -> bool:
    """Look at the archive's list of contents, and at the few bytes by which OpenDocument says its type."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if any(name.lower().endswith(MACROS) for name in names):
                return False
            if part:
                return part in names
            with archive.open("mimetype") as said:
                return said.read(LONGEST_TYPE) == wanted.encode()
    except (BadZipFile, KeyError, RuntimeError, NotImplementedError):  # no archive, no such part, an encrypted one
        return False
