"""A data subject's request."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import date

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that look alike: 0 O, 1 I L
REFERENCE_LETTERS = 6


def new_reference() -> str:
    """Make a public label like DSR-2026-7F3KQ9; it opens nothing by itself."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(REFERENCE_LETTERS))
    return f"DSR-{timezone.now():%Y}-{letters}"


class Right(models.TextChoices):
    """What is asked for, by the article of the GDPR."""

    ACCESS = "access", "Access to my data"
    RECTIFICATION = "rectification", "Correct my data"
    ERASURE = "erasure", "Erase my data"
    PORTABILITY = "portability", "Take my data elsewhere"
    RESTRICTION = "restriction", "Restrict the use of my data"
    OBJECTION = "objection", "Object to the use of my data"
    AUTOMATED_DECISION = "automated_decision", "Have a decision reviewed by a person"


class Status(models.TextChoices):
    """Where a request stands; written by `workflow.perform` alone."""

    SUBMITTED = "submitted", "Waiting for confirmation"
    VERIFIED = "verified", "Confirmed"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    REJECTED = "rejected", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Never confirmed"
    ARCHIVED = "archived", "Archived"


class Outcome(models.TextChoices):
    """How a request ended."""

    FULL = "full", "Answered in full"
    PARTIAL = "partial", "Answered in part"
    NONE_HELD = "none_held", "No data held"
    REFUSED = "refused", "Refused"
    SPAM = "spam", "Spam"
    DUPLICATE = "duplicate", "Answered with another request"


class Channel(models.TextChoices):
    """The way by which a request came."""

    FORM = "form", "the portal's form"
    API = "api", "a program"
    MAIL = "mail", "e-mail"
    LETTER = "letter", "letter"
    PHONE = "phone", "telephone"
    IN_PERSON = "in_person", "in person"
    AGENT = "agent", "a representative, by the portal's form"
    PREFERENCE = "preference", "the preference page"
    SIGNAL = "signal", "a signal of the browser"


class DeliveryWay(models.TextChoices):
    """How the answer reaches the person."""

    LINK = "link", "by a link"
    ATTACHMENT = "attachment", "attached to the mail"


OPEN = (Status.SUBMITTED, Status.VERIFIED, Status.IN_PROGRESS)
AT_WORK = (Status.VERIFIED, Status.IN_PROGRESS)
ENDED = (Status.COMPLETED, Status.REJECTED, Status.WITHDRAWN, Status.LAPSED)
ANSWERED = (Status.COMPLETED, Status.ARCHIVED)
BY_THEMSELVES = (Channel.FORM, Channel.API)
BY_SWITCH = (Channel.PREFERENCE, Channel.SIGNAL)
RECORDED = (Channel.MAIL, Channel.LETTER, Channel.PHONE, Channel.IN_PERSON)
COLLECTED = (Right.ACCESS, Right.PORTABILITY)


class SubjectRequestQuerySet(models.QuerySet["SubjectRequest"]):
    """The questions asked of requests."""

    def of_mailbox(self, email: str) -> Self:
        """Keep those that came from a mailbox."""
        return self.filter(email__iexact=email) if email else self.none()

    def urgent_first(self) -> Self:
        """Order what is at work by its deadline, before all that has ended."""
        is_over = models.Case(models.When(status__in=OPEN, then=0), default=1, output_field=models.SmallIntegerField())
        return self.order_by(is_over, F("due_on").asc(nulls_last=True), "-submitted_at")

    def owed(self) -> Self:
        """Keep those that have to be answered by a day: at work, or written down by the team, which nobody confirms."""
        return self.filter(Q(status__in=AT_WORK) | Q(status=Status.SUBMITTED, channel__in=RECORDED))

    def unproven(self) -> Self:
        """Keep those of which somebody of the team has to see to it that it is known who asks, and by what authority.

        The person waits for nothing but that: the team wrote the request down, a check was tried too often or is for
        the team to make, a document is to be looked at, or an authority to be decided on.
        """
        from requests_app.models import IdentityCheck, Upload

        checks = IdentityCheck.objects.filter(request=OuterRef("pk"), purpose="begin", passed_at=None)
        for_team = checks.filter(Q(failed_at__isnull=False) | Q(kind="team") | Q(kind="sms", identifier=None))
        documents = Upload.objects.filter(request=OuterRef("pk"), kind=Upload.Kind.IDENTITY, removed_at=None)
        is_for_team = Exists(for_team) & ~Exists(checks.filter(kind="mailbox"))
        claimed = Q(representative__state="waiting", representative__mailbox_proven_at__isnull=False)
        recorded = Q(status=Status.SUBMITTED, channel__in=RECORDED)
        return self.filter(recorded | is_for_team | Exists(documents) | claimed, status__in=OPEN)

    def at_work(self) -> Self:
        """Keep those the team owes an answer."""
        return self.filter(status__in=AT_WORK)

    def due(self, first: date | None, last: date | None) -> Self:
        """Keep those whose clock runs, due between two days, both included; None where there is no limit."""
        kept = self.owed().exclude(pk__in=SubjectRequest.objects.paused().values("pk"))
        kept = kept.filter(due_on__gte=first) if first else kept
        return kept.filter(due_on__lte=last) if last else kept

    def paused(self) -> Self:
        """Keep those at work whose clock stands still until the person answers."""
        from requests_app.models import ComputedDeadline

        still = ComputedDeadline.objects.counting().filter(is_paused=True)
        return self.at_work().filter(pk__in=still.values("request"))

    def asked(self) -> Self:
        """Keep those at work that wait for an answer of the person, whether their clock stands still or not."""
        from requests_app.models import PersonWait

        return self.at_work().filter(Exists(PersonWait.objects.filter(request=OuterRef("pk"), answered_at=None)))

    def unread(self) -> Self:
        """Keep those in which the person wrote something that nobody of the team has read."""
        from requests_app.models import Message

        return self.filter(Exists(Message.objects.unread_by_team().filter(request=OuterRef("pk"))))

    def waiting_for_approval(self) -> Self:
        """Keep those that are open of which a refusal or an extension waits for a second person."""
        from requests_app.models import PeriodExtension, Refusal

        refused = Refusal.objects.filter(request=OuterRef("pk"), approved_at=None, discarded_at=None)
        extended = PeriodExtension.objects.filter(request=OuterRef("pk"), approved_at=None, dropped_at=None)
        return self.filter(Exists(refused) | Exists(extended), status__in=OPEN)

    def running(self) -> Self:
        """Keep those at work whose clock does not stand still."""
        return self.at_work().exclude(pk__in=SubjectRequest.objects.paused().values("pk"))

    def extended(self) -> Self:
        """Keep those whose period was extended."""
        from requests_app.models import PeriodExtension

        return self.filter(Exists(PeriodExtension.objects.filter(request=OuterRef("pk"), approved_at__isnull=False)))

    def waiting_for_review(self) -> Self:
        """Keep those whose every source has answered or is left out, and whose answer is neither released nor made."""
        from requests_app.models import Export, Leased, SourceSearch

        searches = SourceSearch.objects.filter(request=OuterRef("pk")).exclude(state=Leased.State.DONE)
        unanswered = searches.exclude(state=Leased.State.FAILED, is_left_out=True)
        exports = Export.objects.filter(request=OuterRef("pk")).exclude(state=Leased.State.FAILED)
        collected = self.filter(status=Status.IN_PROGRESS, right__in=COLLECTED)
        return collected.filter(~Exists(unanswered), ~Exists(exports))


class SubjectRequest(models.Model):
    """What a person asks, and where it stands.

    `place` is where they live: ISO 3166-1 alpha-2, or with a subdivision (ISO 3166-2); empty where they did not say.
    `name_key` is the name as requests of one person are found by it (`spelling.name_key`).
    `email` is empty where somebody wrote a letter and gave none. `submitted_at` is when it came, whenever recorded.
    `set_aside_from` is where it stood before it was marked as spam. `answered_with` is the request whose answer is
    that of a duplicate too.
    `passphrase` protects the files, sealed by the request's key. `shown_percent` is how far the person was told the
    work is, in the round `shown_round` of it: so that they never see it go back (`planning.live_progress`).
    `case` binds it to the other rights asked for in the same letter; `joined_at` is when the team put it there, none
    where its letter did. `particulars` are the answers to what the right
    asks on the form (`rights.Question`), by name.
    `messages_removed_at` and `pseudonymised_at` are when retention took out what was said, and who it was.
    """

    reference = models.CharField(max_length=20, unique=True, default=new_reference, editable=False)
    right = models.CharField(max_length=20, choices=Right.choices)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.SUBMITTED)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, blank=True, editable=False)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    postal_address = models.TextField(max_length=1000, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.FORM)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    messages_removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    pseudonymised_at = models.DateTimeField(null=True, blank=True, editable=False)
    details = models.TextField(blank=True, max_length=5000)
    particulars = models.JSONField(default=dict, blank=True)
    case = models.ForeignKey(
        "requests_app.Case", on_delete=models.SET_NULL, null=True, blank=True, related_name="requests"
    )
    joined_at = models.DateTimeField(null=True, blank=True, editable=False)
    language = models.CharField(max_length=10, default="en")
    place = models.CharField(max_length=6, blank=True)
    formats = models.JSONField(default=list)
    delivery_way = models.CharField(max_length=10, choices=DeliveryWay.choices, default=DeliveryWay.LINK)
    passphrase = models.TextField(blank=True, editable=False)
    submitted_at = models.DateTimeField(default=timezone.now)
    verified_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    decision = models.TextField(blank=True, max_length=5000)
    set_aside_from = models.CharField(max_length=12, choices=Status.choices, blank=True, editable=False)
    answered_with = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="duplicates", editable=False
    )
    shown_percent = models.PositiveSmallIntegerField(default=0)
    shown_round = models.PositiveIntegerField(default=0)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="assigned_requests"
    )
    key = models.ForeignKey("requests_app.EncryptionKey", on_delete=models.PROTECT, related_name="+")

    objects = SubjectRequestQuerySet.as_manager()

    class Meta:
        """States the database itself refuses, what lists are sorted by, and who may do what."""

        verbose_name = "request"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="request_status_known"),
            models.CheckConstraint(condition=Q(right__in=Right.values), name="request_right_known"),
            models.CheckConstraint(
                condition=~Q(status__in=(Status.COMPLETED, Status.REJECTED)) | ~Q(outcome=""),
                name="request_ended_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.SPAM) | Q(set_aside_from=""), name="request_set_aside_as_spam"
            ),
            models.UniqueConstraint(
                Lower("email"),
                "right",
                condition=Q(status=Status.SUBMITTED, channel__in=BY_THEMSELVES) & ~Q(email=""),
                name="request_submitted_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "due_on"], name="request_by_deadline"),
            models.Index(fields=["email", "right"], name="request_by_mailbox"),
            models.Index(fields=["name_key"], name="request_by_name"),
        ]
        permissions = (
            ("work_request", "Can work on requests: begin, note, assign, retry, complete"),
            ("decide_request", "Can release answers and refuse requests"),
            ("view_records", "Can look at the records found about a person"),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self.status in OPEN

    @property
    def is_collected(self) -> bool:
        """Whether the portal itself collects the answer; the other rights are worked by hand for now."""
        return self.right in COLLECTED

    def days_left(self, today: date) -> int | None:
        """Days until the answer is due, negative when late; None where nothing is owed.

        What the team recorded is owed from the start: its writer did not choose to confirm anything.
        """
        is_owed = self.status in AT_WORK or (self.is_open and self.channel in RECORDED)
        return (self.due_on - today).days if self.due_on and is_owed else None
