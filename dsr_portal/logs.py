"""Structured log lines without anything personal: what happened, where, to which id, never a value or a text."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

# What a record says of itself; everything else was handed over in `extra` and is an id or a number.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object; of an exception its type and place, never its text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {name: str(value) for name, value in vars(record).items() if name not in _OWN}
        return json.dumps(line | _failure(record), ensure_ascii=False)


class TextLines(logging.Formatter):
    """Writes a record for people; of an exception its type and place, never its text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        more = {name: value for name, value in vars(record).items() if name not in _OWN} | _failure(record)
        details = " ".join(f"{name}={value}" for name, value in more.items())
        return f"{at} {record.levelname:<7} {record.name}: {record.getMessage()} {details}".rstrip()


def logging_configuration(form: str) -> dict[str, Any]:
    """Return Django's `LOGGING`: everything to standard error, in the form `json` or `text`."""
    formatter = {"json": "dsr_portal.logs.JsonLines", "text": "dsr_portal.logs.TextLines"}[form]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "requests_app": {"level": "INFO"},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},  # a warning names the path, which may hold a token
            "django-q": {"handlers": ["stderr"], "level": "CRITICAL", "propagate": False},
        },
    }


def _failure(record: logging.LogRecord) -> dict[str, str]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    trace = record.exc_info[2]
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else ""
    return {"error": record.exc_info[0].__name__, "place": place}
