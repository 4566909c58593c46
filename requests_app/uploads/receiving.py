"""How files come in: into memory, within bounds, and on the routes that take files alone.

Django's temporary files would hold them in clear on a disk. What is too large is read to its end and thrown away, so
that the form it came with can say so and lose nothing else.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

FORM_BYTES = 1 << 20  # what else a form holds
_MARK = "takes_files"

View = TypeVar("View", bound="Callable[..., Any]")


def takes_files(view: View) -> View:
    """Mark a view as one that takes files of up to DSR_UPLOAD_BYTES each; the innermost decorator of all."""
    setattr(view, _MARK, True)
    return view


class TooLargeFile(InMemoryUploadedFile):
    """Stands for a file that was too large; it holds nothing."""


class BoundedMemory(FileUploadHandler):
    """Keeps files in memory on views marked by `takes_files`, and leaves other views to the next handler."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        match = request.resolver_match if request else None
        self._is_for_us = match is not None and getattr(match.func, _MARK, False)
        self._content = io.BytesIO()
        self._is_too_large = False

    def handle_raw_input(
        self,
        input_data: object,
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse at once what is larger than all files together may be.

        Raises:
            RequestDataTooBig: it is.
        """
        most = settings.DSR_UPLOAD_BYTES * (settings.DATA_UPLOAD_MAX_NUMBER_FILES + 1) + FORM_BYTES
        if self._is_for_us and content_length > most:
            raise RequestDataTooBig("The files are too large together.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._content, self._is_too_large = io.BytesIO(), False
        if self._is_for_us:
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Keep a part of the file, as long as it is not too large."""
        if not self._is_for_us:
            return raw_data
        self._is_too_large |= start + len(raw_data) > settings.DSR_UPLOAD_BYTES
        if self._is_too_large:
            self._content = io.BytesIO()
        else:
            self._content.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> InMemoryUploadedFile | None:
        """Give the file, or what stands for it."""
        if not self._is_for_us:
            return None
        self._content.seek(0)
        kind = TooLargeFile if self._is_too_large else InMemoryUploadedFile
        return kind(
            file=self._content,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
