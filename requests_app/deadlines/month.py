"""The period of the GDPR, as long as no rule of a country is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

if TYPE_CHECKING:
    from datetime import date


def one_month_after(received_on: date) -> date:
    """Give the same day of the next month, or its last day where it has no such day.

    Source: GDPR Art. 12(3); Regulation (EEC, Euratom) No 1182/71 Art. 3(2)(c).
    """
    return received_on + relativedelta(months=1)
