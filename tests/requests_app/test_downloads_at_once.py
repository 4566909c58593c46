"""Downloads and codes that several want at the same moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from requests_app import codes, delivery, links, revoking
from requests_app.audit import SYSTEM
from requests_app.codes import RefusedCode
from requests_app.limits import LimitReached
from requests_app.links import UsedLink
from requests_app.models import AuditEntry, Download, DownloadCode, OutboxMail, SecureLink
from requests_app.revoking import NothingToTakeBack
from tests.requests_app.packages import FILES, a_package

pytestmark = pytest.mark.usefixtures("postgres_portal", "storage_folder")


@pytest.fixture
def token():
    export = a_package()
    return links.mint(export.request, SecureLink.Purpose.DOWNLOAD, export=export, lifetime=timedelta(hours=1))


def counted(action):
    return AuditEntry.objects.filter(action=action).count()


def test_of_all_files_and_a_single_one_at_once_a_link_that_works_once_gives_one(at_once, token, settings):
    settings.DSR_SINGLE_USE_DOWNLOADS = True

    def taking(member):
        return lambda: b"".join(delivery.begin(token, address=None, agent="", member=member).chunks)

    given = at_once(taking(None), taking(1), taking(2), taking(None))
    got = [each for each in given if each is not UsedLink]
    assert len(got) == 1
    assert got[0].startswith(b"PK") or got[0] in FILES.values()
    assert Download.objects.count() == 1
    assert (counted("export.downloaded"), counted("link.refused")) == (1, 3)


def test_a_code_entered_twice_at_once_gives_one_pass(at_once, token, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    link = links.find(token, SecureLink.Purpose.DOWNLOAD)
    code = codes.mint(codes.create(link))
    given = at_once(*[lambda: delivery.confirm_code(token, code, address=None)] * 4)
    passes = [each for each in given if each is not RefusedCode]
    assert len(passes) == 1
    assert codes.is_passed(link, passes[0])
    assert (counted("code.confirmed"), counted("code.refused")) == (1, 3)


def test_guesses_at_once_are_counted_exactly(at_once, token, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    codes.mint(codes.create(links.find(token, SecureLink.Purpose.DOWNLOAD)))
    at_once(*[lambda: delivery.confirm_code(token, "AAAA-AAAA", address=None)] * 8)
    reasons = AuditEntry.objects.filter(action="code.refused").values_list("details__reason", flat=True)
    assert sorted(reasons) == ["exhausted"] * 3 + ["wrong"] * 5
    assert DownloadCode.objects.get().attempts_left == 0


def test_of_codes_asked_for_at_once_three_are_mailed(at_once, token, settings):
    settings.DSR_DOWNLOAD_CODE = "always"
    given = at_once(*[lambda: delivery.send_code(token, address=None)] * 6)
    assert sorted(map(str, given)) == sorted(map(str, [None] * 3 + [LimitReached] * 3))
    assert OutboxMail.objects.count() == DownloadCode.objects.count() == counted("code.sent") == 3


def test_files_taken_back_twice_at_once_are_taken_back_once(at_once, token):
    export = links.find(token, SecureLink.Purpose.DOWNLOAD).export
    given = at_once(*[lambda: revoking.take_back(export, actor=SYSTEM)] * 3)
    assert sorted(map(str, given)) == sorted(map(str, [None, NothingToTakeBack, NothingToTakeBack]))
    assert counted("export.revoked") == 1
