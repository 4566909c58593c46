"""The words of notices in the console: a list by language, an editor, the versions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from html import unescape
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import strip_tags

from extractors.errors import DsrError
from requests_app import rewording
from requests_app.admin import notice_preview
from requests_app.admin.base import ConsoleAdmin, Route, attempt, page_context
from requests_app.admin.letters import framing
from requests_app.audit import Actor
from requests_app.controller import controller
from requests_app.letters.checking import LONGEST_BODY, LONGEST_SUBJECT, NEEDS
from requests_app.letters.differences import Piece, differences
from requests_app.letters.languages import language_of, name_of, shipped_languages
from requests_app.letters.notices import NOTICES, Notice, Reader
from requests_app.letters.samples import sample
from requests_app.letters.texts import ANY_RIGHT, of_version
from requests_app.letters.variables import Kind, values_of, variables_of
from requests_app.letters.words import Words, shipped
from requests_app.models import NoticeText, Right
from requests_app.rewording import MANAGE, Place

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponse

    from requests_app.admin.base import StaffRequest
    from requests_app.letters.variables import Variable

HOME = "admin:requests_app_noticetext_changelist"
ALL_RIGHTS = "all"
_GROUPS = (
    (Kind.TEXT, "Text", "Stands inside a sentence."),
    (Kind.LINK, "Links", "Write [your words]({{ name }}). Alone in a paragraph, it becomes a button."),
    (Kind.BLOCK, "Blocks", "Stand in a paragraph of their own, with an empty line before and after."),
    (Kind.CONDITION, "Conditions", "Stand at the beginning of a paragraph, which is left out where they do not hold."),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """The words of a notice in one language, as the list names them."""

    language: str
    label: str
    is_own: bool
    is_there: bool


class WordsForm(forms.Form):
    """The words of a notice."""

    subject = forms.CharField(max_length=LONGEST_SUBJECT)
    body = forms.CharField(
        label="Text",
        max_length=LONGEST_BODY,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 22, "class": "code", "spellcheck": "true"}),
        help_text="The heading comes first, after # . An empty line begins a new paragraph; **bold**, *italic*, "
        "- for a list, &gt; for a quotation. No HTML.",
    )
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def take(self, fault: DsrError) -> None:
        """Name what a stage refused, beside its field."""
        found = getattr(fault, "faults", None)
        for item in found or []:
            self.add_error(item.field, item.text)
        if not found:
            self.add_error(None, str(fault))


@admin.register(NoticeText)
class NoticeAdmin(ConsoleAdmin):
    """A list of all notices, an editor for each, its versions."""

    def routes(self) -> tuple[Route, ...]:
        """Name what may be done with the words of a notice."""
        one = "<slug:notice>/<slug:language>/<slug:right>/"
        return (
            Route("versions/<int:pk>/", show_version, "version", MANAGE),
            Route("versions/<int:pk>/withdraw/", withdraw, "withdraw", MANAGE, ("POST",)),
            Route("open/", open_place, "open", MANAGE),
            Route(one, edit, "edit", MANAGE, ("GET", "POST")),
            Route(f"{one}preview/", preview, "preview", MANAGE, ("GET", "POST")),
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show every notice with the languages that it has words in."""
        if not request.user.has_perm(MANAGE):
            raise PermissionDenied("Only managers may change the words of notices.")
        tags = _languages()
        context = page_context(
            request,
            title="Notices",
            languages=[(tag, name_of(tag)) for tag in tags],
            rows=[(notice, _cells(notice, tags)) for notice in _editable()],
            staff=[notice for notice in NOTICES.values() if notice.reader is Reader.STAFF],
            others=_other_languages(tags),
        )
        return render(request, "console/notices/list.html", context)


def open_place(request: StaffRequest) -> HttpResponse:
    """Lead to the editor of what was chosen in the list."""
    notice, language = request.GET.get("notice", ""), request.GET.get("language", "")
    if not (notice and language):
        return redirect(HOME)
    _place(notice, language, ALL_RIGHTS)
    return redirect("admin:requests_app_noticetext_edit", notice, language, ALL_RIGHTS)


def edit(request: StaffRequest, notice: str, language: str, right: str) -> HttpResponse:
    """Show the words that count with a preview, or keep new ones."""
    place = _place(notice, language, right)
    rows = list(rewording.versions_of(place).select_related("created_by"))
    in_force = next((row for row in rows if row.withdrawn_at is None), None)
    if request.method == "POST":
        form = WordsForm(request.POST)
        if form.is_valid() and _keep(request, place, form):
            return redirect(request.path)
    else:
        words = of_version(in_force) if in_force else _start(place)
        based_on = in_force.pk if in_force else None
        form = WordsForm(initial={"subject": words.subject, "body": words.body, "based_on": based_on})
    page = _editor(request, place, form, rows, in_force)
    return framing(render(request, "console/notices/edit.html", page, status=400 if form.errors else 200))


def preview(request: StaffRequest, notice: str, language: str, right: str) -> HttpResponse:
    """Show words as they would be sent: those typed, or those that count."""
    place = _place(notice, language, right)
    if request.method == "POST":
        words = Words(request.POST.get("subject", ""), request.POST.get("body", "").replace("\r\n", "\n"), language)
    else:
        row = rewording.versions_of(place).in_force().first()
        words = of_version(row) if row else _start(place)
    asked = request.POST if request.method == "POST" else request.GET
    return notice_preview.show(
        request, place, words, shown_as=asked.get("as", ""), reference=asked.get("reference", "")
    )


def show_version(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a version beside the one before it."""
    row = get_object_or_404(NoticeText.objects.select_related("created_by"), pk=pk)
    place = Place(row.notice, row.right, row.language)
    earlier = rewording.versions_of(place).filter(version__lt=row.version).first()
    before = of_version(earlier) if earlier else _start(place)
    notice = _notice(row.notice)
    context = page_context(
        request,
        title=f"Version {row.version}",
        row=row,
        earlier=earlier,
        subject=_changed(before.subject, row.subject),
        body=_changed(before.body, row.body),
        crumb=f"{notice.label}, {name_of(row.language)}",
        crumb_url=_url("edit", place),
        is_newest=row.pk == _pk_in_force(place),
    )
    return render(request, "console/notices/version.html", context)


def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Return to the version before, or to what comes with the portal."""
    row = get_object_or_404(NoticeText, pk=pk)
    to_shipped = request.POST.get("to") == "shipped"
    act = partial(rewording.withdraw, pk, actor=Actor.staff(request.user), with_earlier=to_shipped)
    attempt(request, act, "Withdrawn. What is sent from now on has the words shown here.")
    return redirect(_url("edit", Place(row.notice, row.right, row.language)))


def _keep(request: StaffRequest, place: Place, form: WordsForm) -> bool:
    typed = form.cleaned_data
    try:
        row = rewording.keep(
            place, typed["subject"], typed["body"], based_on=typed["based_on"], actor=Actor.staff(request.user)
        )
    except DsrError as error:
        form.take(error)
        return False
    messages.success(request, f"Version {row.version} is kept; what is sent from now on has these words.")
    return True


def _editor(
    request: StaffRequest, place: Place, form: WordsForm, rows: list[NoticeText], in_force: NoticeText | None
) -> dict[str, object]:
    notice = _notice(place.notice)
    return page_context(
        request,
        title=notice.label,
        notice=notice,
        place=place,
        form=form,
        rows=rows,
        in_force=in_force,
        language=name_of(place.language),
        frame_language=name_of(language_of(place.language).tag),
        needs=NEEDS.get(place.notice, ()),
        groups=_grouped(place),
        rights=_rights(place),
        languages=[(name_of(tag), _url("edit", Place(place.notice, place.right, tag)), tag) for tag in _languages()],
        preview_url=_url("preview", place),
        views=notice_preview.VIEWS,
        crumb_url=reverse(HOME),
        crumb="Notices",
    )


def _grouped(place: Place) -> list[tuple[str, str, list[tuple[Variable, str]]]]:
    """Group the variables that the words may name, each with an example of what it becomes."""
    context = sample(place.notice, controller(), right=place.right, language=language_of(place.language).tag)
    values = values_of({**context, "medium": "mail"})
    known = variables_of(place.notice).values()

    def example(variable: Variable) -> str:
        return unescape(strip_tags(values.text(variable.name))) if variable.kind is Kind.TEXT else ""

    return [
        (title, about, [(item, example(item)) for item in known if item.kind is kind]) for kind, title, about in _GROUPS
    ]


def _rights(place: Place) -> list[tuple[str, str, bool, bool]]:
    """List the rights that words may be for: label, address, whether shown, whether there are words of its own."""
    own = NoticeText.objects.in_force().filter(notice=place.notice, language=place.language)
    there = set(own.values_list("right", flat=True))
    labels = [(ANY_RIGHT, "All rights"), *Right.choices]
    return [
        (label, _url("edit", Place(place.notice, right, place.language)), right == place.right, right in there)
        for right, label in labels
    ]


def _changed(before: str, after: str) -> list[Piece]:
    return differences(before, after)


def _start(place: Place) -> Words:
    """Give what whoever begins starts from: words for all rights, else those that come with the portal."""
    general = Place(place.notice, ANY_RIGHT, place.language)
    row = rewording.versions_of(general).in_force().first() if place.right else None
    words = of_version(row) if row else shipped(place.notice, place.language)
    if words is None:
        raise Http404("This notice has no words to change.")
    return words


def _pk_in_force(place: Place) -> int | None:
    row = rewording.versions_of(place).in_force().first()
    return row.pk if row else None


def _place(notice: str, language: str, right: str) -> Place:
    _notice(notice)
    if right != ALL_RIGHTS and right not in Right.values:
        raise Http404("There is no such right.")
    try:
        Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise Http404("There is no such language.") from error
    return Place(notice, ANY_RIGHT if right == ALL_RIGHTS else right, language.lower())


def _notice(name: str) -> Notice:
    notice = NOTICES.get(name)
    if notice is None or notice not in _editable():
        raise Http404("There is no such notice.")
    return notice


def _editable() -> list[Notice]:
    return [notice for notice in NOTICES.values() if notice.reader is Reader.PERSON and shipped(notice.name, "en")]


def _languages() -> list[str]:
    used = NoticeText.objects.in_force().order_by("language").values_list("language", flat=True).distinct()
    return list(dict.fromkeys((*shipped_languages(), *used)))


def _other_languages(known: list[str]) -> list[tuple[str, str]]:
    from django.conf.global_settings import LANGUAGES

    return sorted(((tag, name_of(tag)) for tag, _ in LANGUAGES if tag not in known), key=lambda item: item[1])


def _cells(notice: Notice, tags: list[str]) -> list[Cell]:
    return [_cell(notice, tag) for tag in tags]


def _cell(notice: Notice, tag: str) -> Cell:
    own = NoticeText.objects.in_force().filter(notice=notice.name, language=tag).count()
    words = shipped(notice.name, tag)
    is_there = own > 0 or (words is not None and words.language == tag)
    return Cell(tag, name_of(tag), own > 0, is_there)


def _url(name: str, place: Place) -> str:
    arguments = [place.notice, place.language, place.right or ALL_RIGHTS]
    return reverse(f"admin:requests_app_noticetext_{name}", args=arguments)
