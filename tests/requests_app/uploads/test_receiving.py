"""Files come into memory, within bounds, on the views that take files; no file ever touches a disk in clear."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from django import forms
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.urls import include, path

from requests_app.models import Upload
from requests_app.uploads import TooLargeFile, UploadField, UploadsField, takes_files
from tests.requests_app.uploads.files import handed, pdf

LIMIT = 2_000_000


class Form(forms.Form):
    text = forms.CharField()
    file = UploadField(Upload.Kind.IDENTITY, required=False)
    files = UploadsField(Upload.Kind.MESSAGE, most=3, required=False)


def answer(request):
    if request.method == "GET":
        return JsonResponse({"token": get_token(request)})
    form = Form(request.POST, request.FILES)
    sizes = {name: [len(file.read()) for file in request.FILES.getlist(name)] for name in request.FILES}
    form.is_valid()
    too_large = [file.size for file in request.FILES.values() if isinstance(file, TooLargeFile)]
    return JsonResponse({"errors": form.errors, "text": form.data.get("text"), "sizes": sizes, "too_large": too_large})


@takes_files
def taking(request):
    return answer(request)


urlpatterns = [path("taking/", taking), path("plain/", answer), path("", include("dsr_portal.urls"))]


@pytest.fixture(autouse=True)
def _routes(settings):
    settings.ROOT_URLCONF = __name__
    settings.DSR_UPLOAD_BYTES = LIMIT


@pytest.fixture
def clear_folder(monkeypatch, tmp_path) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_file_larger_than_any_form_comes_in_on_a_view_that_takes_files(client, clear_folder):
    file = handed("a.pdf", pdf() + bytes(LIMIT - 500))
    answer = client.post("/taking/", {"text": "x", "file": file}).json()
    assert (answer["errors"], answer["sizes"]) == ({}, {"file": [len(pdf()) + LIMIT - 500]})
    assert list(clear_folder.iterdir()) == []


def test_other_views_take_no_more_than_they_did(client, clear_folder):
    small, large = handed("a.pdf", pdf()), handed("a.pdf", pdf() + bytes(1_500_000))
    assert client.post("/plain/", {"text": "x", "file": small}).json()["sizes"] == {"file": [len(pdf())]}
    assert client.post("/plain/", {"text": "x", "file": large}).json()["sizes"] == {}
    assert list(clear_folder.iterdir()) == []


def test_a_file_that_is_too_large_is_thrown_away_and_the_rest_of_the_form_kept(client):
    sent = {"file": handed("a.pdf", pdf() + bytes(LIMIT)), "text": "My draft", "files": handed("b.pdf", pdf())}
    answer = client.post("/taking/", sent).json()
    assert answer["text"] == "My draft"
    assert answer["sizes"] == {"file": [0], "files": [len(pdf())]}
    assert answer["errors"] == {"file": ["The file is larger than 2 MB. Please hand in a smaller one."]}


@pytest.mark.django_db
def test_what_is_larger_than_all_files_may_be_is_refused_before_it_is_read(client):
    sent = {f"file{n}": handed("a.pdf", bytes(LIMIT)) for n in range(8)}
    assert client.post("/taking/", sent).status_code in (400, 413)


def test_several_files_are_named_by_their_place_and_counted(client):
    good, page = handed("a.pdf", pdf()), handed("<b>.html", b"<html>")
    wrong = client.post("/taking/", {"text": "x", "files": [good, page]}).json()
    (problem,) = wrong["errors"]["files"]
    assert problem.startswith("File 2 of 2: Files of this type are not taken.")
    many = [handed("a.pdf", pdf()) for _ in range(4)]
    assert client.post("/taking/", {"text": "x", "files": many}).json()["errors"] == {
        "files": ["Please choose at most 3 files."]
    }


def test_no_file_is_needed_where_none_is_required_and_the_browser_offers_what_is_taken(client):
    assert client.post("/taking/", {"text": "x"}).json()["errors"] == {}
    drawn = str(Form()["file"])
    assert 'accept=".pdf,.jpg,.jpeg,.png,.heic,.heif,.webp,.tif,.tiff"' in drawn
    assert " multiple" in str(Form()["files"])
    assert Form()["file"].help_text == "PDF, JPEG, PNG, HEIC, WebP or TIFF; at most 2 MB."


def test_a_view_is_still_marked_behind_the_decorators_of_the_project(client):
    from requests_app.models import SecureLink
    from requests_app.pages.refusals import secret_page

    assert secret_page(SecureLink.Purpose.STATUS)(taking).takes_files
