"""What happens once an erasure is done in every source: the portal's own copies go, and it is certified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from requests_app import certificates
from requests_app.models import Approval, Certificate
from requests_app.retention.copies import remove_copies

if TYPE_CHECKING:
    from requests_app.models import SubjectRequest


def prepare_end(request: SubjectRequest) -> None:
    """Take the portal's own copies away, and certify what was erased; may be stopped and called again.

    Where nothing was held anywhere, there is nothing to certify.

    Raises:
        DsrError: a file cannot be removed, or the certificate cannot be issued; see `certificates.issue`.
    """
    remove_copies(request, timezone.now())
    if request.changes.filter(act=Approval.Act.ERASURE, applied_at__isnull=False).exists():
        certificates.issue(request, Certificate.Kind.ERASURE, user=None)
