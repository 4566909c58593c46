"""The harness itself: it starts a real portal, ends it, and lets nothing pass that it should report."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import psutil
import pytest

from tests.live.moments import WAIT
from tests.live.portal import FailedCommand, answers, running_portal
from tests.live.smtp import text_of
from tests.servers import wait_until


def mail(text="Hello https://portal.test/c/abc"):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.test", "b@example.test", "Hello"
    message.set_content(text)
    return message


def deliver(server, message):
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        return client.send_message(message)


def test_a_portal_runs_on_either_database_and_leaves_no_process(portal_database_url, tmp_path):
    with running_portal(tmp_path, portal_database_url) as portal:
        assert answers(f"{portal.url}/console/login/")
        assert portal.ask("SubjectRequest.objects.count()") == 0
        with pytest.raises(FailedCommand, match="ZeroDivisionError"):
            portal.shell("1/0")
        assert portal.at_once("print(1)", "print(2)") == ["1\n", "2\n"]
        pids = [process.pid for process in portal.processes()]
        assert sum(process.memory_full_info().pss for process in portal.processes()) > 0
        assert portal.stop() == [], portal.logs()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_workers_count_the_steps_of_a_task_and_die_or_wait_where_they_are_told_to(sqlite_url, tmp_path):
    task = "from django_q.tasks import async_task\nasync_task('requests_app.audit.seal', cluster='heavy')"
    with running_portal(tmp_path, sqlite_url, heavy_workers=1, programs=["heavy"]) as portal:
        portal.shell(task)
        wait_until(lambda: portal.steps_of("seal") > 1)
        portal.set_moment("seal", portal.steps_of("seal") - 1)
        portal.shell(task)
        wait_until(lambda: len(portal.reached("seal")) == 1)
        portal.go_on("seal")
        portal.set_moment("seal", "_waiting.return", WAIT)
        portal.shell(task)
        wait_until(lambda: len(portal.reached("seal")) == 1)
        assert list(portal.busy_workers().values()) == ["seal"]
        portal.go_on("seal")
        wait_until(lambda: not portal.busy_workers())


def test_a_busy_worker_can_be_killed(sqlite_url, tmp_path):
    with running_portal(tmp_path, sqlite_url, programs=["heavy"]) as portal:
        portal.shell("from django_q.tasks import async_task\nasync_task('time.sleep', 60, cluster='heavy')")
        pid = portal.kill_worker("heavy")
        wait_until(lambda: not psutil.pid_exists(pid))


def test_the_mail_server_keeps_mails_turns_them_down_and_goes_away(mail_server):
    deliver(mail_server, mail())
    assert mail_server.link_for("b@example.test", "/c/") == "https://portal.test/c/abc"
    assert text_of(mail_server.mails[0]).startswith("Hello")
    mail_server.is_accepting = False
    with pytest.raises(smtplib.SMTPDataError):
        deliver(mail_server, mail())
    mail_server.stop()
    with pytest.raises(ConnectionRefusedError):
        deliver(mail_server, mail())
    mail_server.is_accepting = True
    mail_server.start()
    deliver(mail_server, mail("Again"))
    assert (len(mail_server.mails), mail_server.turned_down) == (2, 1)


def test_the_console_opens_in_the_browser(sqlite_url, tmp_path, page):
    with running_portal(tmp_path, sqlite_url, programs=["web"]) as portal:
        page.goto(f"{portal.url}/console/login/")
        assert page.locator("input[name=username]").is_visible()
