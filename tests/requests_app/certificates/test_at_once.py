"""Two members of the team who certify the same at the same moment, on PostgreSQL."""

from __future__ import annotations

from functools import partial

from requests_app import storage
from requests_app.models import AuditEntry, Certificate
from tests.requests_app.certificates.steps import ERASURE, issued
from tests.requests_app.changing.shops import a_shop, an_erasure, erased


def test_of_two_who_certify_at_once_both_get_the_one_certificate(at_once, sqlite_url):
    a_shop(sqlite_url)
    request = an_erasure()
    erased(request)
    first, second = at_once(partial(issued, request, ERASURE), partial(issued, request, ERASURE))
    assert first == second == Certificate.objects.get()
    assert AuditEntry.objects.filter(action="certificate.issued").count() == 1
    assert [name for name, _ in storage.names() if name.startswith("certificate")] == [first.file]
