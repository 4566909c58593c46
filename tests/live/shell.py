"""`python -m tests.live.shell` runs pieces of Python in the portal's environment, one per line of standard input.

Django is loaded once for all of them. A line is `{"code": …, "at": when to begin}`; the answer `{"printed": …,
"error": traceback or null}`.
"""

from __future__ import annotations

import io
import json
import sys
import time
import traceback
from contextlib import redirect_stdout

from django.db import close_old_connections

from tests.live.tampering import set_up


def answer(line: str) -> dict[str, str | None]:
    """Run one piece, in a namespace of its own."""
    asked = json.loads(line)
    close_old_connections()
    time.sleep(max(0.0, asked["at"] - time.time()))
    printed, error = io.StringIO(), None
    try:
        with redirect_stdout(printed):
            exec(asked["code"], {"__name__": "shell"})  # noqa: S102  # of the tests' own
    except Exception:  # noqa: BLE001  # whatever it is, the test is told
        error = traceback.format_exc()
    return {"printed": printed.getvalue(), "error": error}


if __name__ == "__main__":
    set_up()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(line)) + "\n")
        sys.stdout.flush()
