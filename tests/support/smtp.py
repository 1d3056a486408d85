"""A real SMTP server on loopback that keeps what it is given, or refuses it as told."""

from __future__ import annotations

import asyncio
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True)
class Mail:
    """One accepted mail: its envelope, and the bytes as they came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        message = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    def text(self, kind: str = "plain") -> str:
        """Return the body of this kind ("plain" or "html")."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())


@dataclass
class SmtpServer:
    """Use as a context manager; `port` is chosen at the first start and kept afterwards.

    `refuse` maps "MAIL", "RCPT" or "DATA" to the answer given instead of "250 OK"; `login`
    (user name and password) makes the server ask for it; `tls` offers STARTTLS, or with
    `implicit_tls` speaks TLS from the first byte.
    """

    refuse: dict[str, str] = field(default_factory=dict)
    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    hang_up_at_quit: bool = False
    port: int = 0
    mails: list[Mail] = field(default_factory=list)

    host = "127.0.0.1"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; raises OSError when the port is taken."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Close the port and every connection."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        options: dict[str, Any] = {"hostname": "mail.test", "loop": self._loop}
        if self.login:
            options |= {
                "authenticator": self._authenticate,
                "auth_require_tls": self.tls is not None and not self.implicit_tls,
            }
        if self.tls and not self.implicit_tls:
            options["tls_context"] = self.tls
        context = self.tls if self.implicit_tls else None
        return await self._loop.create_server(
            lambda: SMTP(self, **options), self.host, self.port, ssl=context
        )

    async def _close(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert self.login is not None
        user, password = self.login
        good = isinstance(data, LoginPassword) and data == LoginPassword(
            user.encode(), password.encode()
        )
        return AuthResult(success=good, handled=False)

    async def handle_MAIL(  # noqa: N802  the name that aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.login and not session.authenticated:
            return "530 5.7.0 Log in first"
        if answer := self.refuse.get("MAIL"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.refuse.get("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if answer := self.refuse.get("DATA"):
            return answer
        content = envelope.content
        assert isinstance(content, bytes)
        assert envelope.mail_from is not None
        self.mails.append(Mail(envelope.mail_from, tuple(envelope.rcpt_tos), content))
        return "250 OK"

    async def handle_QUIT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.hang_up_at_quit and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "221 Bye"
