"""When an answer is due: pure functions, without Django."""

from __future__ import annotations

from requests_app.deadlines.month import one_month_after

__all__ = ["one_month_after"]
