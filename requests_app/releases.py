"""What exactly a reviewer releases."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import orjson
from django.db.models import F

from requests_app.models import Redaction

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
