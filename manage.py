#!/usr/bin/env python3
"""The portal's command line."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

# They need neither the portal's database nor its apps, whose start they would wait for.
HEADLESS = frozenset(
    {
        "dsr_check",
        "dsr_deadline",
        "dsr_demo",
        "dsr_demonstration",
        "dsr_discover",
        "dsr_erase",
        "dsr_export",
        "dsr_import_fides",
        "dsr_search",
    }
)


def main() -> None:
    """Run the command named in the arguments."""
    # Importing makes many objects that all stay: looking for garbage among them costs a sixth of the start.
    gc.set_threshold(100_000)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dsr_portal.settings")
    if HEADLESS.intersection(sys.argv[1:2]):
        command = import_module(f"requests_app.management.commands.{sys.argv[1]}").Command()
        command.run_from_argv(sys.argv)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
