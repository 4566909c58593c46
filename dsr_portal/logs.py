"""Log lines without anything personal: what happened, where, to which id; never a value, an address or a token.

Our own code logs a constant event and hands ids and numbers over as `extra`. What libraries log is not written for
that, so of a library's record only its wording is kept: arguments are left out unless they are numbers, of a text
that came ready-made the part behind its first colon is, and of an exception there is its type and its place.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

OUR_LOGGERS = ("dsr_portal", "requests_app", "exporters", "extractors")
LEFT_OUT = "…"
MOST_PLACES = 8

# What a record says of itself; everything else was handed over in `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_BEHIND_THE_WORDING = re.compile(r"\s*(?:[:=\n]| - ).*", re.DOTALL)
_MAILBOX = re.compile(r"\S*@\S*")


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        return json.dumps(line | _details(record), ensure_ascii=False)


class TextLines(logging.Formatter):
    """Writes a record as one line for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        details = " ".join(f"{name}={value}" for name, value in _details(record).items())
        return f"{at} {record.levelname:<7} {record.name}: {_event(record)} {details}".rstrip().replace("\n", " ")


def logging_configuration(form: str) -> dict[str, Any]:
    """Return a `dictConfig` for Django and gunicorn: everything to standard error, in the form `json` or `text`."""
    formatter = {"json": "dsr_portal.logs.JsonLines", "text": "dsr_portal.logs.TextLines"}[form]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            **{name: {"level": "INFO"} for name in OUR_LOGGERS},
            # Their own handlers, and the wording that only says that somebody asked for a page, are taken away.
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
            "django-q": {"handlers": [], "level": "WARNING", "propagate": True},
            "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        },
    }


def _event(record: logging.LogRecord) -> str:
    text = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    if record.args:
        return _fill_in_numbers(text, record.args)
    if _says_its_exception(record, text):
        return "failed"
    return text if _is_ours(record) else _MAILBOX.sub(LEFT_OUT, _BEHIND_THE_WORDING.sub("", text))


def _fill_in_numbers(text: str, args: Any) -> str:
    def shown(value: object) -> object:
        return value if isinstance(value, int | float) else LEFT_OUT

    try:
        if isinstance(args, dict):
            return text % {name: shown(value) for name, value in args.items()}
        return text % tuple(shown(value) for value in args)
    except (TypeError, ValueError, KeyError):
        return text


def _says_its_exception(record: logging.LogRecord, text: str) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return error is not None and bool(str(error)) and str(error) in text


def _details(record: logging.LogRecord) -> dict[str, object]:
    extra = {name: value for name, value in vars(record).items() if name not in _OWN}
    if not _is_ours(record):
        extra = {name: value for name, value in extra.items() if isinstance(value, int | float)}
    return {
        **{name: value if isinstance(value, int | float) else str(value) for name, value in extra.items()},
        **_failure(record),
    }


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OUR_LOGGERS


def _failure(record: logging.LogRecord) -> dict[str, str]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    return {"error": record.exc_info[0].__name__, "place": _places(record.exc_info[2])}


def _places(trace: TracebackType | None) -> str:
    """Name the places an exception came through: the innermost, and those in our own code before it."""
    places: list[str] = []
    while trace:
        module = str(trace.tb_frame.f_globals.get("__name__"))
        if trace.tb_next is None or module.partition(".")[0] in OUR_LOGGERS:
            places.append(f"{module}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places[-MOST_PLACES:])
