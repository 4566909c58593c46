"""Prints a notice as a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.safestring import mark_safe

from exporters.document.printing import printed
from requests_app.letters import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exporters.letter import Controller
    from requests_app.letters.kept import Kept


def paper(kept: Kept, context: Mapping[str, object], controller: Controller) -> bytes:
    """Print what a notice says as a letter, a tagged PDF, under the controller's letterhead of today.

    No link is made: where the mail has one, the letter points to the mail.

    Args:
        context: of whom it goes to, and when.

    Raises:
        UnprintableDocument: see `printed`.
    """
    # Each was escaped when it was written.
    subject, headline, body = map(mark_safe, (kept.subject, kept.headline, kept.paper))
    written = writing.Pieces(subject, headline, body, kept.language)
    page = writing.framed(written, "paper", {**context, **writing.on_paper(controller)})
    return b"".join(printed([page.encode()]))
