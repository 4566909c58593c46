"""When an answer is due: pure functions and the table of the laws' periods, without Django."""

from __future__ import annotations

from requests_app.deadlines.month import one_month_after

__all__ = ["one_month_after"]
