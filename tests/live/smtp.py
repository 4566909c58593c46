"""A mail server for tests: keeps what it is given, and goes away or turns mails down when told to."""

from __future__ import annotations

import re
from contextlib import contextmanager
from email import message_from_bytes, policy
from threading import Condition
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

from tests.live.portal import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

ACCEPTED, LATER = "250 Message accepted for delivery", "451 Come back later"
PATIENCE_SECONDS = 20
LINK = re.compile(r"https?://\S+")


class MailServer:
    """A real SMTP server; the mails it accepted, in order."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[EmailMessage] = []
        self.turned_down = 0
        self.is_accepting = True
        self._change = Condition()
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """For DSR_EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail, or ask for it later; aiosmtpd's word for it."""
        with self._change:
            if self.is_accepting:
                self.mails.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
            else:
                self.turned_down += 1
            self._change.notify_all()
            return ACCEPTED if self.is_accepting else LATER

    def start(self) -> None:
        """Listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True)
        self._controller.start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    def wait_for(self, wanted: Callable[[EmailMessage], bool], seconds: float = PATIENCE_SECONDS) -> EmailMessage:
        """Return the first mail that is wanted, which may still be on its way.

        Raises:
            TimeoutError: it does not come.
        """
        with self._change:
            if not self._change.wait_for(lambda: any(map(wanted, self.mails)), seconds):
                subjects = [str(mail["Subject"]) for mail in self.mails]
                raise TimeoutError(f"the mail did not come; these did: {subjects}")
            return next(filter(wanted, self.mails))

    def link_for(self, address: str, path: str, seconds: float = PATIENCE_SECONDS) -> str:
        """Return the link of the first mail to an address that holds one of this kind, as `/c/`."""
        mail = self.wait_for(
            lambda mail: address.lower() in str(mail["To"]).lower() and bool(links(mail, path)), seconds
        )
        return links(mail, path)[0]


def links(mail: EmailMessage, path: str) -> list[str]:
    """List the links in the text of a mail whose path begins so."""
    found = LINK.findall(text_of(mail))
    return [link for link in found if re.match(rf"https?://[^/]+{re.escape(path)}", link)]


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a mail."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Start a server on a port of its own, and stop it."""
    server = MailServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
