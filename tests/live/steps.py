"""Steps of a request without a page: what a test needs that is about something else, done by the stages themselves."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.live.portal import Portal

# Names that the pieces of Python below and those of tests may use.
IMPORTS = """
import base64, json, time
from datetime import timedelta
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone
from requests_app import audit, delivery, identity, intake, links, planning, retention, review, storage
from requests_app import tasks, workflow
from requests_app.models import *
"""
PATIENCE_SECONDS = 180


def do(portal: Portal, code: str) -> object:
    """Run a piece of Python that names its result `result`, and return that."""
    return json.loads(portal.shell(f"{IMPORTS}\n{code}\nprint(json.dumps(result, default=str))"))


def do_at_once(portal: Portal, *codes: str) -> list[object]:
    """Run such pieces in several processes at the same moment; an error's name is the result of the piece it ended."""
    attempts = [_attempt(code) for code in codes]
    return [json.loads(printed) for printed in portal.at_once(*attempts)]


def add_member(portal: Portal, role: str) -> tuple[str, str]:
    """Add a member of the team with a role; returns name and password."""
    name, password = role.lower(), f"{role} correct horse battery"
    do(
        portal,
        f"result = User.objects.create_user({name!r}, password={password!r}, is_staff=True).pk\n"
        f"User.objects.get(pk=result).groups.add(Group.objects.get(name={role!r}))",
    )
    return name, password


def submit(portal: Portal, email: str, right: str = "access") -> int:
    """Take a request in; returns its id."""
    return int(str(do(portal, submission(email, right) + f"\nresult = {LATEST}.filter(email={email!r}).first().pk")))


def submission(email: str, right: str = "access") -> str:
    """Give the Python that takes a request in."""
    asked = f"name='Somebody', email={email!r}, right=Right({right!r}), formats=('json',)"
    return f"intake.submit(intake.Submission({asked}), address=None)"


def token(portal: Portal, request_id: int) -> str:
    """Make another confirmation link, and give its token."""
    minted = f"links.mint(SubjectRequest.objects.get(pk={request_id}), 'confirm', lifetime=timedelta(days=1))"
    return str(do(portal, f"result = {minted}"))


def confirm(portal: Portal, request_id: int) -> None:
    """Confirm the mailbox of a request, which lets the work begin."""
    do(portal, f"result = identity.confirm({token(portal, request_id)!r}, address=None).pk")


def release(portal: Portal, request_id: int, member: str = "reviewer") -> int:
    """Release the answer to a request; returns the id of the export."""
    return int(str(do(portal, releasing(request_id, member))))


def releasing(request_id: int, member: str = "reviewer") -> str:
    """Give the Python that releases an answer."""
    actor = f"audit.Actor.staff(User.objects.get(username={member!r}))"
    return f"result = review.release({request_id}, actor={actor}).pk"


def package_of(portal: Portal, export_id: int) -> bytes:
    """Give the bytes of an export, as a member of the team downloads it."""
    begun = (
        f"delivery.begin_for_staff(Export.objects.get(pk={export_id}), User.objects.first(), address=None, agent='')"
    )
    return base64.b64decode(str(do(portal, f"result = base64.b64encode(b''.join({begun}.chunks)).decode()")))


def sweep_until(portal: Portal, condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Sweep, as the queue does every minute, until a condition holds.

    Raises:
        TimeoutError: it still does not after so many seconds; with the work that is open.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited in vain; the work: {do(portal, OPEN_WORK)}")
        do(portal, "result = tasks.sweep()")
        time.sleep(0.2)


def is_ready(portal: Portal, *request_ids: int) -> bool:
    """Tell whether all of the requests can be released."""
    requests = f"SubjectRequest.objects.filter(pk__in={list(request_ids)})"
    return bool(do(portal, f"result = all(planning.is_ready_for_review(each) for each in {requests})"))


def is_completed(portal: Portal, *request_ids: int) -> bool:
    """Tell whether all of the requests are answered and every mail is sent."""
    requests = f"SubjectRequest.objects.filter(pk__in={list(request_ids)})"
    mails = "OutboxMail.objects.exclude(state='done').exists()"
    return bool(do(portal, f"result = not {requests}.exclude(status='completed').exists() and not {mails}"))


LATEST = "SubjectRequest.objects.order_by('-pk')"
OPEN_WORK = """
fields = ("pk", "state", "attempt", "last_error", "requeue_at")
models = (SourceSearch, Export, OutboxMail)
result = {model.__name__: list(model.objects.exclude(state="done").values_list(*fields)) for model in models}
"""


def _attempt(code: str) -> str:
    body = "\n".join(f"    {line}" for line in code.splitlines())
    return (
        f"{IMPORTS}\ntry:\n{body}\nexcept Exception as error:\n    result = type(error).__name__\n"
        "print(json.dumps(result, default=str))"
    )
