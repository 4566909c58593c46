"""What a notice, a page or a file tells of a refusal: read from what was kept when it was approved."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests_app.letters.writing import Context
    from requests_app.models import SubjectRequest


def refusal_of(request: SubjectRequest, language: str = "") -> Context:
    """Give what the person was told of the refusal that counts; empty where nothing was refused.

    Args:
        language: that it is told in, where that is not English.
    """
    row = request.refusals.filter(approved_at__isnull=False, discarded_at=None).first() if request.pk else None
    return shown(row.told, language) if row else {}


def shown(told: Mapping[str, object], language: str = "") -> Context:
    """Bring what is kept of a refusal into the form that templates show; see `refusal_of`."""
    is_own = bool(language) and told.get("language") == language
    due = told.get("due_on")
    articles = {
        name: [_kept_together(_in_own(item) if is_own else item) for item in _items(told, name)]
        for name in ("reasons", "remedies")
    }
    return {**told, **articles, "due_on": date.fromisoformat(due) if isinstance(due, str) and due else None}


def in_words(told: Mapping[str, object]) -> str:
    """Write what is refused and why as plain text of several paragraphs, as the files of an answer tell it."""
    reasons = [f"• {item['words']} ({item['article']})" for item in _items(told, "reasons")]
    parts = ["Part of your request we have to refuse:", *reasons, str(told.get("facts", ""))]
    if withheld := [f"• {item}" for item in told.get("withheld") or ()]:  # type: ignore[attr-defined]  # a list of words
        parts += ["You do not receive:", *withheld]
    if told.get("late_reason"):
        parts.append(f"This answer comes late. The reason: {told['late_reason']}")
    parts += ["What you can do:", *(f"• {item['words']} ({item['article']})" for item in _items(told, "remedies"))]
    authority = told.get("authority")
    if isinstance(authority, dict) and authority:
        parts.append("\n".join([str(authority["name"]), *authority["address"]]))
    return "\n\n".join(part for part in parts if part)


def _in_own(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, **item.get("own", {})}


def _kept_together(item: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the sign of a section with its number, in one line."""
    return {**item, "article": item["article"].replace("§ ", "§\N{NO-BREAK SPACE}")}


def _items(told: Mapping[str, object], name: str) -> list[dict[str, str]]:
    items = told.get(name)
    return items if isinstance(items, list) else []
