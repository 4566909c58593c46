"""What exactly a reviewer releases, and who has prepared it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import orjson
from django.db.models import F, Max

from requests_app.models import Redaction, Refusal

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from requests_app.models import SubjectRequest


def digest(request: SubjectRequest) -> str:
    """Give the SHA-256 of the searches, their segments and what is withheld; any change of them gives another."""
    searches = request.searches.order_by("pk").values_list("pk", "state", "segment", "is_left_out")
    withheld = redactions(request).order_by("pk").values_list("pk", "search", "collection", "ordinal", "field")
    return hashlib.sha256(orjson.dumps([list(searches), list(withheld)])).hexdigest()


def redactions(request: SubjectRequest) -> QuerySet[Redaction]:
    """Give what is withheld of the segments as they are now; of a segment collected anew, nothing yet."""
    return Redaction.objects.filter(search__request=request, segment=F("search__segment"))


def preparers(request: SubjectRequest) -> list[int]:
    """Give who has prepared the release: whoever withholds something of it, or prepared its partial refusal.

    Nobody prepared what goes out as it was found.

    Returns:
        Ids of members of the team, whoever withheld something last first.
    """
    partial = Refusal.objects.filter(request=request, extent=Refusal.Extent.PART, discarded_at=None)
    last = redactions(request).order_by().values_list("created_by").annotate(last=Max("pk")).order_by("-last")
    refused_by = partial.order_by("-pk").values_list("prepared_by", flat=True)
    return list(dict.fromkeys(pk for pk in (*(pk for pk, _ in last), *refused_by) if pk is not None))
