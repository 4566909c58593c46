"""What the page of a request says about who the person is, while that is still to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app import identity, proofs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests_app.models import IdentityCheck, SubjectRequest


@dataclass(frozen=True, slots=True)
class Proving:
    """The check that the person is at.

    Args:
        template: of the part that asks; empty where there is nothing to be done but to wait.
        why: it is asked, in words to the person.
        further: how many checks follow.
    """

    check: IdentityCheck
    template: str
    about: Mapping[str, object]
    why: str
    further: int

    @property
    def is_failed(self) -> bool:
        """Whether it was tried too often."""
        return self.check.failed_at is not None


def proving(request: SubjectRequest) -> Proving | None:
    """Give what is to be shown just now; None where nothing is, or the mailbox comes first."""
    check = identity.current(request)
    if check is None:
        return None
    shown = identity.page_of(check)
    remaining = proofs.outstanding(request)
    return Proving(
        check,
        f"portal/identity/{shown.template}" if shown else "",
        shown.about if shown else {},
        _why(request, check),
        len(remaining) - 1,
    )


def _why(request: SubjectRequest, check: IdentityCheck) -> str:
    if check.asked_by_id and not check.decided_by_id:
        return check.reason
    return proofs.rule_of(request.right, request.place).why
