"""The conversation with the person on the page of a request, and the acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect

from requests_app import conversation, uploads
from requests_app.admin.base import attempt
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.conversation import LONGEST, MOST_FILES, Side
from requests_app.models import CannedText, SubjectRequest, Upload
from requests_app.uploads import UploadsField
from requests_app.workflow import WORK, PermissionRefused

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpResponseBase

    from requests_app.admin.base import StaffRequest
    from requests_app.conversation import Said

PLACE = "#messages"


class MessageForm(forms.Form):
    """Takes what is written to the person, with files, and a canned text to put into it."""

    text = forms.CharField(
        label="Message to the person",
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "Please write a few words, also where you send a file."},
    )
    attached = UploadsField(Upload.Kind.MESSAGE, most=MOST_FILES, label="Files", required=False)
    canned = forms.ModelChoiceField(CannedText.objects.none(), label="Canned text", required=False)

    def __init__(self, subject_request: SubjectRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "message-%s", **kwargs})
        canned = self.fields["canned"]
        canned.queryset = conversation.offered(subject_request)  # type: ignore[attr-defined]  # a field of models
        canned.label_from_instance = _title  # type: ignore[attr-defined]
        canned.empty_label = "Choose …"  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said, as the team sees it.

    Args:
        is_new: whether nobody of the team had read it before.
    """

    said: Said
    who: str
    is_team: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class MessagesPanel:
    """The conversation; `form` only for those who may write, as long as anybody can."""

    lines: list[Line]
    unread: int
    is_open: bool
    form: MessageForm | None


def panel_of(subject_request: SubjectRequest, user: User, form: MessageForm | None = None) -> MessagesPanel:
    """Put the conversation together.

    Args:
        form: as it was sent, where it is not right.
    """
    lines = [_line(item, subject_request) for item in conversation.conversation(subject_request)]
    is_open = not conversation.closed_because(subject_request)
    may_write = is_open and user.has_perm(WORK)
    offered = (form or MessageForm(subject_request)) if may_write else None
    return MessagesPanel(lines, sum(line.is_new for line in lines), is_open, offered)


def note_read(panel: MessagesPanel, subject_request: SubjectRequest, user: User) -> None:
    """Note that what the panel shows was read, where who sees it works on requests; who only looks on reads nothing."""
    newest = max((line.said.message.pk for line in panel.lines if line.is_new and line.said.message), default=0)
    if newest and user.has_perm(WORK):
        conversation.note_read(subject_request, newest, actor=Actor.staff(user))


def sent_form(request: StaffRequest, subject_request: SubjectRequest) -> MessageForm | None:
    """Send what was written, or put a canned text into it.

    Returns:
        The form to be shown again; None where the message is on its way.
    """
    form = MessageForm(subject_request, request.POST, request.FILES)
    if "insert" in request.POST:
        return _with_canned_text(form, subject_request)
    if not form.is_valid():
        return form
    act = partial(
        conversation.write,
        subject_request.pk,
        form.cleaned_data["text"],
        form.cleaned_data["attached"],
        actor=Actor.staff(request.user),
    )
    return None if attempt(request, act, "Your message is there; the person is told by mail.") else form


def download(request: StaffRequest, pk: int, upload_id: int) -> HttpResponseBase:
    """Give a file that was handed in to a member of the team, on record."""
    upload = get_object_or_404(Upload, pk=upload_id, request=pk)
    try:
        return uploads.download(upload, actor=Actor.staff(request.user))
    except PermissionRefused as error:
        raise PermissionDenied(str(error)) from error
    except uploads.RemovedFile as error:
        messages.error(request, str(error))
        return redirect(page_of(pk))


def _with_canned_text(form: MessageForm, subject_request: SubjectRequest) -> MessageForm:
    typed = form.data.get("text", "")
    canned = _chosen(form, subject_request)
    added = conversation.filled(canned, subject_request) if canned else ""
    text = "\n\n".join(part for part in (typed.strip(), added) if part)
    return MessageForm(subject_request, initial={"text": text})


def _chosen(form: MessageForm, subject_request: SubjectRequest) -> CannedText | None:
    chosen = form.data.get("canned", "")
    texts = conversation.offered(subject_request)
    return next((text for text in texts if str(text.pk) == chosen), None)


def _line(item: Said, subject_request: SubjectRequest) -> Line:
    is_team = item.side is Side.TEAM
    names = {
        Side.TEAM: item.author.get_full_name() or item.author.get_username() if item.author else "The team",
        Side.PERSON: subject_request.name,
        Side.REPRESENTATIVE: "Their representative",
    }
    return Line(item, names[item.side], is_team, not is_team and item.is_unread)


def _title(text: CannedText) -> str:
    return text.title
