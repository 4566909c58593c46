"""What every kind of check is to those who ask and those who answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from extractors.errors import DsrError
from requests_app.models import IdentityCheck

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from requests_app.uploads import ExaminedFile

Kind = IdentityCheck.Kind


class RefusedAnswer(DsrError, ValueError):
    """Say why what was typed or handed in is not taken; the same words whatever was wrong with it."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the person typed, by the names of the fields, and handed in."""

    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Sequence[ExaminedFile] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """How a check is shown to the person: a template below `portal/identity/`, and what it speaks of."""

    template: str
    about: Mapping[str, object] = field(default_factory=dict)


class CheckKind(ABC):
    """One way of showing who one is; a subclass lives alone in its module.

    Every method is given a check that is neither passed nor failed, of a request that is open. `start` and `answer`
    run in a transaction that has the request locked; what raises in `answer` is rolled back but for the attempt, which
    is counted before.

    Args:
        most_attempts: how many wrong answers end the check.
        is_asked_by_team: whether the team may ask for it on a request.
        counts_attempts: whether an answer is right or wrong at once.
    """

    kind: ClassVar[Kind]
    label: ClassVar[str]
    asks: ClassVar[str]
    most_attempts: ClassVar[int] = 5
    is_asked_by_team: ClassVar[bool] = True
    counts_attempts: ClassVar[bool] = True

    def obstacle(self) -> str:
        """Say why nobody can be asked for it, as the portal is set up; empty where everybody can."""
        return ""

    def start(self, check: IdentityCheck) -> bool:
        """Prepare what is to be asked, as it is this check's turn; called again wherever it may have changed.

        Returns:
            Whether the person can be asked; where not, the team makes sure by itself.
        """
        return not self.obstacle()

    @abstractmethod
    def page(self, check: IdentityCheck) -> Shown:
        """Say what the person sees, which is nothing that is held."""

    def send(self, check: IdentityCheck) -> None:
        """Send what the person needs for the answer.

        Raises:
            RefusedAnswer: nothing is sent for this kind, or not any more.
        """
        raise RefusedAnswer("There is nothing to send here.")

    def consult(self, check: IdentityCheck, given: Given) -> Given:
        """Do what takes its time before the request is locked, such as asking a source; the attempt is counted.

        Returns:
            What `answer` is given.

        Raises:
            RefusedAnswer: it cannot be taken at all.
        """
        return given

    @abstractmethod
    def answer(self, check: IdentityCheck, given: Given) -> bool:
        """Say whether the answer shows who the person is.

        Returns:
            True to pass the check, False where it was wrong; a kind that does not know yet, as somebody has to look
            at it, keeps it and returns False, with `counts_attempts` off.

        Raises:
            RefusedAnswer: it cannot be taken at all.
        """
