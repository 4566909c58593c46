"""What other apps may follow; each is sent once the change is committed, with `reference`, `right` and `status`."""

from __future__ import annotations

from django.dispatch import Signal

request_created = Signal()
request_verified = Signal()
request_begun = Signal()
request_completed = Signal()
request_rejected = Signal()
request_withdrawn = Signal()
request_lapsed = Signal()
request_archived = Signal()
request_marked_as_spam = Signal()
request_restored = Signal()
request_closed_as_duplicate = Signal()
