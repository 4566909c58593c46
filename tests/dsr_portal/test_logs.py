from __future__ import annotations

import io
import json
import logging
import queue
import re
from logging.config import dictConfig
from multiprocessing import Value
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.http import Http404
from django.test import Client
from django.urls import path

from dsr_portal import urls
from dsr_portal.logs import OUR_LOGGERS, JsonLines, TextLines, logging_configuration
from dsr_portal.mail import read_email_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest

ADDRESS = "ann@example.test"
TOKEN = "kPz3vTqW9xYbR7mN"
FORMS: dict[str, type[logging.Formatter]] = {"json": JsonLines, "text": TextLines}


@pytest.fixture(params=FORMS)
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the portal would write to standard error, in each form."""
    configuration = logging_configuration(request.param)
    stream = io.StringIO()
    configuration["handlers"]["stderr"]["stream"] = stream
    levels = {name: logging.getLogger(name).level for name in ("", *configuration["loggers"])}
    dictConfig(configuration)
    yield stream
    dictConfig(settings.LOGGING)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def fail(text: str) -> None:
    raise ValueError(text)


def log_failure(logger: str, write: Callable[[logging.Logger, ValueError], None]) -> None:
    try:
        fail(f"no mailbox {ADDRESS}")
    except ValueError as error:
        write(logging.getLogger(logger), error)


WRITERS: dict[str, Callable[[logging.Logger, ValueError], None]] = {
    "with its traceback": lambda logger, error: logger.error("work.failed", exc_info=error),
    "as an argument": lambda logger, error: logger.error("It failed: %s", error, exc_info=error),
    "as a named argument": lambda logger, error: logger.error("It failed: %(why)s", {"why": error}),
    "as the text": lambda logger, error: logger.error(error),
    "put into the text": lambda logger, error: logger.error(f"{error}!", exc_info=error),  # noqa: G004 - as a careless library would
    "as the whole text": lambda logger, error: logger.error(str(error), exc_info=error),
}


@pytest.mark.parametrize("logger", ["requests_app.leases", "django.request", "django-q", "gunicorn.error", "urllib3"])
@pytest.mark.parametrize("way", WRITERS)
def test_the_text_of_an_exception_is_never_written(way: str, logger: str, log: io.StringIO) -> None:
    log_failure(logger, WRITERS[way])
    assert log.getvalue().count("\n") == 1
    assert ADDRESS not in log.getvalue()
    assert logger in log.getvalue()


def test_an_exception_is_told_by_its_type_and_the_places_in_our_code_it_came_through(log: io.StringIO) -> None:
    try:
        read_email_url(17)  # type: ignore[arg-type]
    except AttributeError:
        logging.getLogger("requests_app").exception("work.failed")
    assert "work.failed" in log.getvalue()
    assert "AttributeError" in log.getvalue()
    assert re.search(r"dsr_portal\.mail:\d+ > urllib\.parse:\d+", log.getvalue())


def test_arguments_are_left_out_but_for_numbers(log: io.StringIO) -> None:
    logging.getLogger("gunicorn.error").info("Worker %s of %s has pid %d", 2, ADDRESS, 77)
    assert "Worker 2 of … has pid 77" in log.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_a_text_that_does_not_fit_its_arguments_is_written_without_them(form: str) -> None:
    record = logging.makeLogRecord({"name": "urllib3", "msg": "Lost %d of %d", "args": (ADDRESS,)})
    line = FORMS[form]().format(record)
    assert "Lost %d of %d" in line
    assert ADDRESS not in line


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (f"Invalid request from ip=192.0.2.7: Invalid Method '{ADDRESS}'", "Invalid request from ip"),
        (f"Failed 'requests_app.tasks.send_mail' (send_mail-17) - {ADDRESS}", "send_mail-17"),
        (f"Retrying\n{ADDRESS}", "Retrying"),
        (f"Mailbox {ADDRESS} is full", "Mailbox … is full"),
    ],
)
def test_of_a_ready_made_text_only_the_wording_is_written(text: str, written: str, log: io.StringIO) -> None:
    logging.getLogger("gunicorn.error").warning(text)
    assert written in log.getvalue()
    assert ADDRESS not in log.getvalue()
    assert "192.0.2.7" not in log.getvalue()


def test_our_own_ids_are_written_and_what_others_hand_over_is_not(log: io.StringIO) -> None:
    logging.getLogger("requests_app.workflow").info("request.verified", extra={"reference": "DSR-2026-7F3KQ9"})
    logging.getLogger("django.request").error("Broken", extra={"request": ADDRESS, "status_code": 500})
    assert "DSR-2026-7F3KQ9" in log.getvalue()
    assert "500" in log.getvalue()
    assert ADDRESS not in log.getvalue()


def test_a_record_is_one_line_whatever_it_holds() -> None:
    record = logging.makeLogRecord(
        {"name": "requests_app", "msg": "one\ntwo", "id": "three\nfour", "levelname": "INFO"}
    )
    assert [form().format(record).count("\n") for form in FORMS.values()] == [0, 0]


def test_a_json_line_says_when_how_grave_who_and_what() -> None:
    record = logging.makeLogRecord({"name": "requests_app.leases", "msg": "work.failed", "levelname": "ERROR", "id": 7})
    line = json.loads(JsonLines().format(record))
    assert line.pop("at").endswith("+00:00")
    assert line == {"level": "error", "logger": "requests_app.leases", "event": "work.failed", "id": 7}


def test_what_the_portal_itself_has_to_say_is_written_and_libraries_are_only_heard_with_warnings(
    log: io.StringIO,
) -> None:
    for name in (*OUR_LOGGERS, "sqlalchemy"):
        logging.getLogger(f"{name}.deep").info("something.happened")
    assert [name for name in OUR_LOGGERS if f"{name}.deep" not in log.getvalue()] == []
    assert "sqlalchemy" not in log.getvalue()


def break_down(request: HttpRequest, token: str) -> None:
    raise ValueError(token)


def find_nothing(request: HttpRequest, token: str) -> None:
    raise Http404(token)


urlpatterns = [path("broken/<token>", break_down), path("missing/<token>", find_nothing), *urls.urlpatterns]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_an_answer_that_fails_does_not_write_the_token_in_its_path(log: io.StringIO) -> None:
    client = Client(raise_request_exception=False)
    statuses = [client.get(f"/{page}/{TOKEN}").status_code for page in ("broken", "missing", "nowhere")]
    statuses.append(client.get(f"/broken/{TOKEN}", headers={"host": f"{TOKEN}.example"}).status_code)
    assert statuses == [500, 404, 404, 400]
    assert "django.request" in log.getvalue()
    assert TOKEN not in log.getvalue()


def fail_with(text: str) -> None:
    raise ValueError(text)


@pytest.mark.django_db
def test_a_failing_task_is_named_in_the_log_without_its_arguments_and_reason(log: io.StringIO) -> None:
    from django_q.monitor import monitor
    from django_q.worker import worker

    task = {"id": "1", "name": "send_mail-17", "func": f"{__name__}.fail_with", "args": (ADDRESS,), "kwargs": {}}
    given: queue.Queue[object] = queue.Queue()
    done: queue.Queue[object] = queue.Queue()
    for item in (task | {"started": None, "save": False}, "STOP"):
        given.put(item)
    worker(given, done, Value("f", -1), 60)
    done.put("STOP")
    monitor(done)
    assert "send_mail-17" in log.getvalue()
    assert "fail_with" in log.getvalue()
    assert ADDRESS not in log.getvalue()
