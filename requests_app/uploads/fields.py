"""The fields by which forms take files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy

from requests_app.uploads.errors import UnusableFile
from requests_app.uploads.examining import examine, largest
from requests_app.uploads.types import labels, suffixes

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests_app.models import Upload
    from requests_app.uploads.examining import ExaminedFile


def _later(text: Callable[[], str]) -> str:
    """Give a text that is made when it is shown, by the settings of then."""
    return lazy(text, str)()


class UploadField(forms.FileField):
    """Takes one file, examined: its value is an `ExaminedFile`, or None where none was chosen.

    The view that takes it is marked by `takes_files`, its form is `multipart/form-data`.

    Args:
        kind: what it is for, which says what types are taken.
    """

    widget = forms.FileInput

    def __init__(self, kind: Upload.Kind, **options: Any) -> None:
        options.setdefault("help_text", _later(lambda: f"{labels(kind)}; at most {largest()}."))
        self.kind = kind
        super().__init__(allow_empty_file=True, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let the browser offer what is taken."""
        return {**super().widget_attrs(widget), "accept": ",".join(suffixes(self.kind))}

    def clean(self, data: Any, initial: object = None) -> ExaminedFile | None:
        """Look at the file."""
        file = super().clean(data, None)
        if not file:
            return None
        try:
            return examine(file, self.kind)
        except UnusableFile as error:
            raise ValidationError(str(error), code="unusable") from None


class SeveralFiles(forms.FileInput):
    """Lets several files be chosen at once."""

    allow_multiple_selected = True


class UploadsField(UploadField):
    """Takes several files; its value is a list of `ExaminedFile`.

    Args:
        most: how many.
    """

    widget = SeveralFiles

    def __init__(self, kind: Upload.Kind, *, most: int, **options: Any) -> None:
        self.most = most
        options.setdefault("help_text", _later(lambda: f"Up to {most}: {labels(kind)}; each at most {largest()}."))
        super().__init__(kind, **options)

    def clean(self, data: Any, initial: object = None) -> list[ExaminedFile]:  # type: ignore[override]  # several
        """Look at each file; what is wrong is said of the file by its place, as names are the person's own."""
        files = data if isinstance(data, list | tuple) else [data]
        files = [file for file in files if file]
        if len(files) > self.most:
            raise ValidationError(f"Please choose at most {self.most} files.", code="too_many")
        found, problems = [], []
        for number, file in enumerate(files, 1):
            try:
                found.append(super().clean(file))
            except ValidationError as error:
                which = f"File {number} of {len(files)}: " if len(files) > 1 else ""
                problems += [f"{which}{message}" for message in error.messages]
        if problems:
            raise ValidationError(problems)
        return [file for file in found if file]
