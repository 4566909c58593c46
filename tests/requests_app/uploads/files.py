"""Files as people hand them in."""

from __future__ import annotations

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

DOCX_TYPES = "[Content_Types].xml"
ODT_TYPE = "application/vnd.oasis.opendocument.text"


def pdf(text: str = "A letter") -> bytes:
    return f"%PDF-1.7\n1 0 obj\n<< /Title ({text}) >>\nendobj\ntrailer\n<< >>\n%%EOF\n".encode()


def picture(form: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(file, form)
    return file.getvalue()


def heic() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64)


def zipped(members: dict[str, bytes], *, stored: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(**more: bytes) -> bytes:
    return zipped({DOCX_TYPES: b"<Types/>", "word/document.xml": b"<document/>", **more})


def odt(**more: bytes) -> bytes:
    return zipped({"mimetype": ODT_TYPE.encode(), "content.xml": b"<office/>", **more}, stored=True)


def handed(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")
