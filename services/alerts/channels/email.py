"""E-mail over SMTP: one message to one recipient, its Message-ID made of the delivery's id.

what happened                                            becomes
no connection, time-out, closed in the middle            UnreachableError
a step that concerns every mail fails: TLS, login        RetryableError (a person mends it)
an answer 4xx                                            RetryableError
an answer 5xx to sender, recipient or text               PermanentError
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Literal, Self

from services.alerts.channels.base import Message, UnreachableError
from services.alerts.plain import clean
from services.alerts.targets import email_problem
from services.domain.alert import Delivery
from services.errors import ConfigurationError, PermanentError, RetryableError
from services.settings import Settings

TIMEOUT: Final = 60.0
"""Seconds that the server may stay silent at any one step; some scan a mail for that long."""

_POLICY: Final = policy.SMTP.clone(cte_type="7bit")  # passes through any server unchanged
_SENDER: Final = re.compile(
    r"(?P<bare>[^\s<>]+)|(?P<name>\"[^\"<>\r\n]*\"|[^\"<>,\r\n]*)<(?P<address>[^\s<>]+)>"
)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `password` never appears in `repr` or in an error."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port}, {self.security})"


class EmailSender:
    """Hands mails to one SMTP server; `sender` is an address, with or without a name."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        clock: Callable[[], datetime],
        *,
        timeout: float = TIMEOUT,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._timeout = timeout
        self._clock = clock
        self._from = _sender_address(sender)
        self._tls = tls

    @classmethod
    def from_settings(
        cls, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> Self:
        """Open the channel that `settings` describe; ConfigurationError when they cannot work."""
        password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
        server = MailServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_security,
            settings.smtp_username,
            password,
        )
        return cls(server, settings.mail_from, clock)

    def route(self, target: str) -> str:  # noqa: ARG002  all mail goes through one server
        return f"{self._server.host}:{self._server.port}"

    def send(self, delivery: Delivery, message: Message) -> None:
        if problem := email_problem(delivery.target):
            raise PermanentError(problem)
        mail = self.build(delivery, message)
        where = self.route(delivery.target)
        with _translated(where), self._session() as session:
            session.sendmail(self._from.addr_spec, [delivery.target], mail.as_bytes())

    def check(self) -> None:
        """Connect, secure and log in without sending; raises what `send` would."""
        with _translated(self.route("")), self._session():
            pass

    def build(self, delivery: Delivery, message: Message) -> EmailMessage:
        """Return the mail as it is sent: text, and HTML with its pictures beside it."""
        mail = EmailMessage(policy=_POLICY)
        mail["From"] = self._from
        mail["To"] = delivery.target
        mail["Subject"] = clean(message.subject)
        mail["Date"] = format_datetime(self._clock().astimezone(UTC))
        mail["Message-ID"] = f"<{delivery.id}@{self._from.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["List-Id"] = f"Framewatch alerts <alerts.framewatch.{self._from.domain}>"
        mail.set_content(message.text)
        if message.html:
            mail.add_alternative(message.html, subtype="html")
            self._add_images(mail, message)
        return mail

    def _add_images(self, mail: EmailMessage, message: Message) -> None:
        html = list(mail.iter_parts())[-1]
        if not isinstance(html, EmailMessage):  # what EmailMessage builds, said to the checker
            return
        for image in message.images:
            html.add_related(
                image.png,
                "image",
                "png",
                cid=f"<{image.name}>",
                disposition="inline",
                filename=f"{image.name.partition('@')[0]}.png",
            )

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """Yield a connection that is ready for a mail; what goes wrong here is no mail's fault."""
        client = self._connect()
        try:
            with _set_up():
                client.ehlo()
                if self._server.security == "starttls":
                    client.starttls(context=self._context())
                    client.ehlo()
                if self._server.username:
                    client.login(self._server.username, self._server.password)
            yield client
            # The mail is accepted: a server that stumbles over QUIT must not have it again.
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
        finally:
            client.close()

    def _connect(self) -> smtplib.SMTP:
        server, name = self._server, self._from.domain
        if server.security == "tls":
            return smtplib.SMTP_SSL(
                server.host, server.port, name, timeout=self._timeout, context=self._context()
            )
        return smtplib.SMTP(server.host, server.port, name, timeout=self._timeout)

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()


@contextmanager
def _set_up() -> Iterator[None]:
    """Make refusals before the first mail command retryable: a person has to mend them."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise RetryableError(
            f"The mail server refused the login ({error.smtp_code}): check "
            "FRAMEWATCH_SMTP_USERNAME and FRAMEWATCH_SMTP_PASSWORD."
        ) from None
    except smtplib.SMTPNotSupportedError as error:
        raise RetryableError(
            f"The mail server does not offer what FRAMEWATCH_SMTP_SECURITY or the login asks "
            f"for: {clean(str(error))}"
        ) from None
    except smtplib.SMTPResponseException as error:
        raise RetryableError(_answer("The mail server is not ready", error)) from None


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Translate the errors of smtplib and of the network, once, for the whole channel."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        ((_, (code, reply)),) = error.recipients.items()
        refusal = smtplib.SMTPResponseException(code, reply)
        raise _by_code(refusal, "The mail server refused the recipient") from None
    except smtplib.SMTPSenderRefused as error:
        raise _by_code(error, "The mail server refused the sender, FRAMEWATCH_MAIL_FROM") from None
    except smtplib.SMTPConnectError as error:
        raise UnreachableError(_answer("The mail server is not ready", error)) from None
    except smtplib.SMTPResponseException as error:
        raise _by_code(error, "The mail server refused the mail") from None
    except ssl.SSLError as error:
        raise RetryableError(
            f"No secure connection to the mail server {where}: {error.reason or error}. "
            "Check FRAMEWATCH_SMTP_SECURITY, FRAMEWATCH_SMTP_PORT and the certificate."
        ) from error
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise UnreachableError(f"The mail server {where} does not answer: {error}.") from error
    except smtplib.SMTPException as error:
        raise PermanentError(f"The mail cannot be sent: {clean(str(error))}") from error


def _by_code(error: smtplib.SMTPResponseException, what: str) -> RetryableError | PermanentError:
    sentence = _answer(what, error)
    if 500 <= error.smtp_code < 600:
        return PermanentError(sentence)
    return RetryableError(sentence)


def _answer(what: str, error: smtplib.SMTPResponseException) -> str:
    reply = error.smtp_error
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    return f"{what}: {error.smtp_code} {clean(text, 200)}"


def _sender_address(sender: str) -> Address:
    found = _SENDER.fullmatch(sender.strip())
    address = found["bare"] or found["address"] if found else ""
    if not found or email_problem(address):
        raise ConfigurationError(
            "FRAMEWATCH_MAIL_FROM must be one address, such as alerts@example.org or "
            "'Framewatch <alerts@example.org>'."
        )
    name = clean(found["name"] or "").strip('"')
    return Address(display_name=name or "Framewatch", addr_spec=address)
