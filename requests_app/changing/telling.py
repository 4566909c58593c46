"""Tells the team what nobody has asked for: as a note on the request, and in the log."""

from __future__ import annotations

import logging

from requests_app.models import Message

_log = logging.getLogger(__name__)


def tell(request_id: int | None, text: str, *, event: str, **ids: int) -> None:
    """Leave a note of the portal's own on a request, where there is one; inside the caller's transaction.

    Args:
        text: names sources, collections and counts, never a value.
        event: what the log calls it.
    """
    _log.warning(event, extra={"request": request_id, **ids})
    if request_id is not None:
        Message.objects.create(request_id=request_id, text=text)
