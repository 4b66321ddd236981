"""What may come with a message is told by what is in it."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from comptoir.inbox.errors import FileRefused
from comptoir.inbox.files import LARGEST_BYTES, NewFile, media_type_of

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(32)
PROGRAM = b"MZ" + bytes(200)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def archive(**parts: str) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as writing:
        for name, content in parts.items():
            writing.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


WORD = archive(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})
WITH_MACROS = archive(**{"word/document.xml": "<w/>", "word/vbaProject.bin": "x"})
OPEN_DOCUMENT = archive(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": "<x/>"})


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("lease.pdf", PDF, "application/pdf"),
        ("STORE.JPG", JPEG, "image/jpeg"),
        ("store.png", PNG, "image/png"),
        ("webp.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(30), "image/webp"),
        ("phone.heic", b"\0\0\0\x18ftypheic" + bytes(30), "image/heif"),
        ("letter.docx", WORD, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("letter.odt", OPEN_DOCUMENT, "application/vnd.oasis.opendocument.text"),
    ],
)
def test_what_is_taken(name: str, content: bytes, media_type: str) -> None:
    assert media_type_of(NewFile(name=name, content=content)) == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.pdf", b""),
        ("program.pdf", PROGRAM),
        ("program.exe", PROGRAM),
        ("page.html", b"<html><script>alert(1)</script></html>"),
        ("page.pdf", b"<html><script>alert(1)</script></html>"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
        ("picture.png", JPEG),
        ("picture", PNG),
        ("table.xlsx", WORD),
        ("letter.docx", WITH_MACROS),
        ("letter.docx", archive(**{"a.txt": "x"})),
        ("letter.docx", b"PK\x03\x04 and then nothing"),
        ("letter.odt", WORD),
        ("letter.doc", OLD_OFFICE),
        ("large.pdf", PDF + bytes(LARGEST_BYTES)),
    ],
)
def test_what_is_not(name: str, content: bytes) -> None:
    with pytest.raises(FileRefused, match=name):
        media_type_of(NewFile(name=name, content=content))
