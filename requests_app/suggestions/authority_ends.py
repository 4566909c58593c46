"""An authority that ends before the answer is there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from requests_app.models import Representative
from requests_app.suggestions.base import Icon, Suggestion, day, here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.suggestions.base import Look

ORDER = 10
SOON = timedelta(days=14)


def suggest(look: Look) -> Iterator[Suggestion]:
    """Say when it ends, where that is soon or before the answer is due."""
    row = Representative.objects.filter(request=look.request, state=Representative.State.ACCEPTED).first()
    if row is None or row.valid_until is None:
        return
    due_on = look.request.due_on
    is_before = due_on is not None and row.valid_until < due_on
    if row.valid_until > look.today + SOON and not is_before:
        return
    has_ended = row.valid_until < look.today
    yield Suggestion(
        Icon.PERSON,
        f"The authority of the representative {'ended' if has_ended else 'ends'} on {day(row.valid_until)}.",
        f"the answer is due on {day(due_on)}, after that"
        if due_on and is_before
        else "it is valid no longer than that",
        "Look at the representative",
        here("representative"),
    )
