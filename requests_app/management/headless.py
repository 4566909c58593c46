"""What the commands that read a source directly share; none of them needs the portal's database."""

from __future__ import annotations

import os
import signal
import sys
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from django.core.management.base import BaseCommand

from extractors.datamap import DEFAULT_LANGUAGE, load, parse
from extractors.errors import DsrError, Fault, FaultyDataMap, UnusableIdentifier
from extractors.identifiers import Identifiers
from extractors.linking import UnknownSource, carry_over
from extractors.registry import open_source

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from extractors.base import Extractor

DONE, PROBLEM, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


class UnreadableFile(DsrError, OSError):
    """Say that a file named on the command line cannot be read."""


class PlainCommand(BaseCommand):
    """Ends with status 0 when done, 1 with a problem stated in one line on stderr, 2 when used wrongly."""

    requires_system_checks = ()  # the settings of the portal do not matter here

    def run_from_argv(self, argv: list[str]) -> NoReturn:
        """Run from the command line and end at once: taking Python apart takes a quarter of a second for nothing."""
        try:
            super().run_from_argv(argv)
            status: object = DONE
        except SystemExit as end:
            status = end.code
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else PROBLEM)

    @abstractmethod
    def run(self, **options: Any) -> int | None:
        """Do the work; returns the exit status, None for 0."""

    def handle(self, *_: Any, **options: Any) -> None:
        """Run, and turn whatever goes wrong into one line and a status."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            status = self.run(**options) or DONE
        except DsrError as error:
            self.fail(PROBLEM, str(error))
        except KeyboardInterrupt:
            self.fail(INTERRUPTED, "Stopped; nothing was left behind.")
        except Exception as error:  # noqa: BLE001  # its text may hold a person's values
            self.fail(PROBLEM, f"Unexpected {type(error).__name__} in {_place(error)}; please report it.")
        if status:
            sys.exit(status)

    def fail(self, status: int, message: str) -> NoReturn:
        """End with a status and a line on stderr."""
        self.stderr.write(" ".join(message.split()))
        sys.exit(status)


class HeadlessCommand(PlainCommand):
    """Reads a source by its map, both named on the command line."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what says which source is read by which map."""
        parser.add_argument("--url", required=True, help="the source, or @FILE whose first line is its URL")
        parser.add_argument("--map", required=True, metavar="MAP.yaml", help="the data map of the source")
        parser.add_argument("--json", action="store_true", help="print the result for machines")
        told = "another source that links of the map lead to; may be given more than once"
        parser.add_argument("--linked", action="append", default=[], metavar="MAP.yaml=URL", help=told)

    def open_source(self, options: dict[str, Any]) -> Extractor:
        """Read the map, in the language asked for by `language`, and give the extractor for the source.

        Raises:
            FaultyDataMap: with the faults of the map and, where the source answers, those against the source; a link
                to another source that was not given is one.
        """
        url, text = read_url(options["url"]), read_text(options["map"])
        data_map, faults = parse(text, options.get("language", DEFAULT_LANGUAGE))
        if data_map is None:
            raise FaultyDataMap(faults)
        extractor = open_source(url, data_map)
        self.others = self._others(options["linked"])
        not_at_hand = [
            Fault(path, f"leads to another source, {source}, which is not at hand: give it by --linked MAP.yaml=URL")
            for _, path, (source, _) in data_map.foreign_links()
            if source not in self.others
        ]
        if faults or not_at_hand:
            raise FaultyDataMap([*faults, *not_at_hand, *_faults_against(extractor)])
        return extractor

    def other_source(self, name: str) -> Extractor:
        """Give another source named on the command line.

        Raises:
            UnknownSource: it was not.
        """
        if name not in self.others:
            raise UnknownSource(f"A link leads to the source {name}: give it by --linked MAP.yaml=URL")
        return self.others[name]

    def _others(self, given: list[str]) -> dict[str, Extractor]:
        others: dict[str, Extractor] = {}
        for pair in given:
            path, separator, url = pair.partition("=")
            if not separator:
                self.fail(WRONG_USAGE, "--linked takes the map and the URL of another source: MAP.yaml=URL.")
            data_map = load(read_text(path))
            others[data_map.source] = open_source(read_url(url), data_map)
        return others


def _faults_against(extractor: Extractor) -> tuple[Any, ...]:
    try:
        extractor.check()
    except FaultyDataMap as error:
        return error.faults
    except DsrError:
        return ()
    return ()


class PersonCommand(HeadlessCommand):
    """A command about one person."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the identifiers; each may be given more than once."""
        super().add_arguments(parser)
        parser.add_argument("--email", action="append", default=[], help="an e-mail address of the person")
        parser.add_argument("--phone", action="append", default=[], help="a phone number, as in +491512345678")
        parser.add_argument("--user-id", action="append", default=[], help="the person's id in the system")

    def identifiers(self, options: dict[str, Any]) -> Identifiers:
        """Read the identifiers given; ends with status 2 when there are none or one is unusable."""
        pairs = [(kind, value) for kind in ("email", "phone", "user_id") for value in options[kind]]
        if not pairs:
            self.fail(WRONG_USAGE, "Say who is meant: --email, --phone or --user-id.")
        try:
            return Identifiers.of(pairs)
        except UnusableIdentifier as error:
            self.fail(WRONG_USAGE, str(error))

    def carried_over(self, extractor: Extractor, identifiers: Identifiers) -> Identifiers:
        """Add what the links of the source compare with, read from the other sources given.

        Raises:
            DsrError: one of them cannot be read.
        """
        linked = carry_over(extractor, self.other_source, identifiers)
        for failure in linked.failures.values():
            raise failure
        return linked.identifiers


def read_url(given: str) -> str:
    """Give the URL of a source as it was given, or from the first line of the file that `@FILE` names.

    Raises:
        UnreadableFile: see `read_text`.
    """
    if not given.startswith("@"):
        return given
    lines = read_text(given[1:]).splitlines()
    return lines[0].strip() if lines else ""


def read_text(path: str) -> str:
    """Read a file named on the command line.

    Raises:
        UnreadableFile: it is not there, or no UTF-8 text.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableFile(f"{path} cannot be read: it is not UTF-8 text") from None


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"
