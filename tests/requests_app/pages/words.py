"""What the tests of the pages send and read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.requests_app.portal import ANN

if TYPE_CHECKING:
    from django.http import HttpResponse

TYPED = {"right": "access", "name": "Ann Example", "email": ANN, "terms": "on"}


def text_of(response: HttpResponse) -> str:
    """Give the words of a page, without its tags, white space made single."""
    inside = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", inside).split())
