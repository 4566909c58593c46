"""The page on which the team sets a passphrase for the files of somebody who wants one and cannot set it alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from exporters.passphrase import UnusablePassphrase, suggested_passphrase
from requests_app import passphrases
from requests_app.admin.base import attempt, page_context
from requests_app.admin.request_acts import page_of
from requests_app.audit import Actor
from requests_app.models import SubjectRequest
from requests_app.rendering import further

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpResponse

    from requests_app.admin.base import StaffRequest

DONE = (
    "The passphrase is set. It is shown nowhere any more: give it to the person by telephone or letter, never by mail."
)


class PassphraseForm(forms.Form):
    """Takes the passphrase, a suggested one at first."""

    passphrase = forms.CharField(
        help_text="Write it down now: it is shown here this once. 12 to 64 unaccented letters, digits and signs.",
        strip=False,
        widget=forms.TextInput(
            {"class": "passphrase", "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        ),
    )

    def __init__(self, asked: SubjectRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = asked

    def clean_passphrase(self) -> str:
        """Refuse what does not protect."""
        text = str(self.cleaned_data["passphrase"])
        try:
            passphrases.check_own_passphrase(self._asked, text)
        except UnusablePassphrase as error:
            raise forms.ValidationError(str(error), code="invalid") from None
        return text


@sensitive_post_parameters("passphrase")
def set_passphrase(request: StaffRequest, pk: int) -> HttpResponse:
    """Suggest a passphrase, and set what is sent."""
    asked = get_object_or_404(SubjectRequest, pk=pk)
    if request.method != "POST":
        return _page(request, asked, PassphraseForm(asked, initial={"passphrase": suggested_passphrase()}))
    form = PassphraseForm(asked, request.POST)
    if not form.is_valid():
        return _page(request, asked, form, status=400)
    act = partial(further.protect, asked, form.cleaned_data["passphrase"], actor=Actor.staff(request.user))
    attempt(request, act, DONE)
    return redirect(page_of(pk) + "#answer")


def _page(request: StaffRequest, asked: SubjectRequest, form: PassphraseForm, *, status: int = 200) -> HttpResponse:
    context = page_context(
        request,
        title="Protect the files",
        subject_request=asked,
        form=form,
        page=page_of(asked.pk),
        has_files=bool(further.downloadable(asked)),
        can_be_protected=further.can_be_protected(asked),
    )
    return render(request, "console/requests/passphrase.html", context, status=status)
