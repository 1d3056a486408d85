"""E-mail to a real SMTP server: what arrives, and how each refusal ends."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import trustme

from services.alerts.channels.base import InlineImage, Message, UnreachableError
from services.alerts.channels.email import EmailSender, MailServer
from services.alerts.ledger import DeliveryOutcome
from services.alerts.raising import raise_alerts
from services.domain.alert import DeliveryStatus
from services.errors import ConfigurationError, PermanentError, RetryableError
from services.index.opening import open_store
from services.index.store import Store
from tests.support.alerting import SENDER, StandingClock, deliver, email_sender
from tests.support.records import NOW, make_delivery, make_rule, make_shift
from tests.support.smtp import SmtpServer

DELIVERY = make_delivery(target="desk@example.org")
MESSAGE = Message(
    "Разрядка: „détente“ rises",
    text="Plain text.\n.a line that begins with a dot\nПо-русски.",
    html='<p>По-русски</p><img src="cid:chart@framewatch">',
    images=(InlineImage("chart@framewatch", b"\x89PNG\r\n\x1a\nrest"),),
)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "framewatch.db")
    shift = make_shift("signal=thaw|group:state|us")
    opened.save_shifts([shift])
    raise_alerts([shift], [make_rule()], opened, NOW)
    yield opened
    opened.close()


def test_the_mail_arrives_whole(server: SmtpServer) -> None:
    email_sender(server.port).send(DELIVERY, MESSAGE)
    (mail,) = server.mails
    assert mail.recipients == ("desk@example.org",)
    assert mail.sender == "alerts@framewatch.test"
    assert mail.message["Subject"] == MESSAGE.subject
    assert mail.text().splitlines() == MESSAGE.text.splitlines()
    assert mail.text("html").strip() == MESSAGE.html
    (picture,) = [part for part in mail.message.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<chart@framewatch>"
    assert picture.get_content() == MESSAGE.images[0].png


def test_the_picture_belongs_to_the_html_and_the_html_to_the_text(server: SmtpServer) -> None:
    email_sender(server.port).send(DELIVERY, MESSAGE)
    kinds = [part.get_content_type() for part in server.mails[0].message.walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]


def test_headers_identify_the_message_and_say_that_no_human_wrote_it(server: SmtpServer) -> None:
    email_sender(server.port).send(DELIVERY, MESSAGE)
    message = server.mails[0].message
    assert message["Message-ID"] == f"<{DELIVERY.id}@framewatch.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "alerts.framewatch" in message["List-Id"]
    assert message["From"] == SENDER
    assert parsedate_to_datetime(message["Date"]) == NOW


def test_the_mail_is_plain_ascii_on_the_wire_with_lines_that_any_server_takes(
    server: SmtpServer,
) -> None:
    email_sender(server.port).send(DELIVERY, replace(MESSAGE, text="слово " * 2000))
    raw = server.mails[0].raw
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_a_subject_cannot_add_a_header(server: SmtpServer) -> None:
    hostile = replace(
        MESSAGE, subject="Hello\r\nBcc: all@example.org\n\nbody\u2028X-Evil: 1\x85Y: 2"
    )
    email_sender(server.port).send(DELIVERY, hostile)
    message = server.mails[0].message
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert message["Subject"] == "Hello Bcc: all@example.org body X-Evil: 1 Y: 2"


@pytest.mark.parametrize(
    "target", ["a@b.org\r\nBcc: c@d.org", "a@b.org, c@d.org", "not an address", "a@b.org>", ""]
)
def test_what_is_not_one_address_is_never_sent_to(server: SmtpServer, target: str) -> None:
    with pytest.raises(PermanentError, match="not a plain e-mail address"):
        email_sender(server.port).send(replace(DELIVERY, target=target), MESSAGE)
    assert server.mails == []


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 5.1.1 no such user", PermanentError), ("451 4.3.0 try later", RetryableError)],
)
def test_a_refusal_is_final_or_not_as_the_server_says(
    server: SmtpServer, step: str, answer: str, error: type[Exception]
) -> None:
    server.refuse[step] = answer
    with pytest.raises(error, match=answer[:9]):
        email_sender(server.port).send(DELIVERY, MESSAGE)


def test_trouble_after_the_mail_was_taken_is_no_failure(server: SmtpServer) -> None:
    server.hang_up_at_quit = True
    email_sender(server.port).send(DELIVERY, MESSAGE)
    assert len(server.mails) == 1


def test_no_server_is_worth_another_try() -> None:
    with SmtpServer() as server:
        port = server.port
    with pytest.raises(UnreachableError, match="does not answer"):
        email_sender(port).send(DELIVERY, MESSAGE)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def secure_sender(port: int, security: str, authority: trustme.CA | None) -> EmailSender:
    trusted = ssl.create_default_context()
    if authority:
        authority.configure_trust(trusted)
    where = MailServer("127.0.0.1", port, security, "watch", "hunter2")  # type: ignore[arg-type]
    return EmailSender(where, SENDER, StandingClock(), timeout=30, tls=trusted)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_login_over_tls(authority: trustme.CA, security: str) -> None:
    implicit = security == "tls"
    login = ("watch", "hunter2")
    with SmtpServer(login=login, tls=server_tls(authority), implicit_tls=implicit) as server:
        secure_sender(server.port, security, authority).send(DELIVERY, MESSAGE)
    assert len(server.mails) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_is_not_trusted_gets_no_mail(
    authority: trustme.CA, security: str
) -> None:
    implicit = security == "tls"
    with (
        SmtpServer(tls=server_tls(authority), implicit_tls=implicit) as server,
        pytest.raises(RetryableError, match="FRAMEWATCH_SMTP_SECURITY"),
    ):
        secure_sender(server.port, security, None).send(DELIVERY, MESSAGE)
    assert server.mails == []


def test_a_wrong_password_waits_for_a_person_and_is_not_shown(authority: trustme.CA) -> None:
    login = ("watch", "another")
    with (
        SmtpServer(login=login, tls=server_tls(authority)) as server,
        pytest.raises(RetryableError, match="FRAMEWATCH_SMTP_PASSWORD") as caught,
    ):
        secure_sender(server.port, "starttls", authority).send(DELIVERY, MESSAGE)
    assert "hunter2" not in str(caught.value)


def test_a_server_without_starttls_gets_neither_password_nor_mail(
    server: SmtpServer, authority: trustme.CA
) -> None:
    with pytest.raises(RetryableError, match="FRAMEWATCH_SMTP_SECURITY"):
        secure_sender(server.port, "starttls", authority).send(DELIVERY, MESSAGE)
    assert server.mails == []


@pytest.mark.parametrize("sender", ["", "nobody", "a@b.org\r\nX: y", "A <a@b.org>, c@d.org"])
def test_an_unusable_sender_is_refused_at_the_start(sender: str) -> None:
    with pytest.raises(ConfigurationError, match="FRAMEWATCH_MAIL_FROM"):
        EmailSender(MailServer("127.0.0.1", 1, "none"), sender, StandingClock())


def test_no_password_in_repr() -> None:
    assert "hunter2" not in repr(MailServer("h", 1, "tls", "u", "hunter2"))


def test_a_server_that_was_down_gets_the_mail_when_it_is_up_again(store: Store) -> None:
    clock = StandingClock()
    with SmtpServer() as server:
        pass
    sender = email_sender(server.port, clock)
    report = deliver(store, clock, email=sender)
    assert report.count(DeliveryOutcome.RETRY) == 1
    clock.advance(timedelta(minutes=2))
    with server:
        assert deliver(store, clock, email=sender).count(DeliveryOutcome.SENT) == 1
        assert deliver(store, clock, email=sender).tried == 0
    assert len(server.mails) == 1
    assert store.deliveries()[0].status is DeliveryStatus.SENT
    assert store.deliveries()[0].error == ""


def test_the_whole_mail_of_a_shift_goes_out_once(store: Store) -> None:
    clock = StandingClock()
    with SmtpServer() as server:
        for _ in range(3):
            deliver(store, clock, email=email_sender(server.port, clock))
    (mail,) = server.mails
    assert mail.message["Subject"].startswith("[Framewatch] Alert: ")
    assert "How sure we are" in mail.text("html")


def test_a_dead_server_is_asked_once_a_round_not_once_a_mail(tmp_path: Path) -> None:
    clock = StandingClock()
    opened = open_store(tmp_path / "many.db")
    shift = make_shift("signal=thaw|group:state|us")
    opened.save_shifts([shift])
    emails = tuple(f"reader{number}@example.org" for number in range(5))
    raise_alerts([shift], [make_rule(emails=emails)], opened, NOW)
    with SmtpServer(refuse={}) as server:
        pass

    class Counting(EmailSender):
        tries = 0

        def send(self, delivery, message) -> None:  # type: ignore[no-untyped-def]
            self.tries += 1
            super().send(delivery, message)

    sender = Counting(MailServer("127.0.0.1", server.port, "none"), SENDER, clock, timeout=30)
    report = deliver(opened, clock, email=sender)
    opened.close()
    assert (report.count(DeliveryOutcome.RETRY), sender.tries) == (5, 1)
