"""Prints a notice as a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation

from exporters.document.printing import printed
from requests_app.controller import controller
from requests_app.letters import contexts, writing

if TYPE_CHECKING:
    from datetime import datetime

    from requests_app.letters.contexts import Given
    from requests_app.models import Export, SubjectRequest


def paper(
    request: SubjectRequest,
    template: str,
    *,
    export: Export | None = None,
    given: Given | None = None,
    written_at: datetime | None = None,
) -> bytes:
    """Print a notice about a request as a letter, a tagged PDF.

    It is made of what is known now; a mail of long ago may have told otherwise. No link is made: where the mail has
    one, the letter points to the mail.

    Args:
        template: the name of the notice.
        given: what only its mail tells; links in it are not printed.
        written_at: the time of its mail; now where it is new.

    Raises:
        UnprintableDocument: see `printed`.
    """
    sender = controller()
    with translation.override(request.language):
        context = contexts.to_person(sender, request, export, given, written_at)
        page = writing.letter_html(template, context, sender)
    return b"".join(printed([page.encode()]))
