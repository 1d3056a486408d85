"""`framewatch alerts test` from outside: one message through every channel, or a reason."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from standardwebhooks import Webhook

from tests.support.command import framewatch
from tests.support.smtp import SmtpServer
from tests.support.webhook_receiver import WebhookReceiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def rules(path: Path, webhook: str) -> Path:
    rule = {
        "name": "desk",
        "watch": ["signal=thaw"],
        "emails": ["desk@example.org"],
        "webhooks": [webhook],
    }
    path.write_text(yaml.safe_dump({"rules": [rule]}), encoding="utf-8")
    return path


def settings(mail: SmtpServer) -> dict[str, str]:
    return {
        "allow_networks": '["127.0.0.0/8"]',
        "smtp_host": mail.host,
        "smtp_port": str(mail.port),
        "smtp_security": "none",
        "mail_from": "framewatch@example.org",
        "webhook_secret": SECRET,
    }


def test_a_test_alert_reaches_mail_and_webhook_once(tmp_path: Path) -> None:
    with SmtpServer() as mail, WebhookReceiver() as hook:
        file = rules(tmp_path / "rules.yaml", hook.url)
        done = framewatch(
            "alerts", "test", "--rules", file, "--data", tmp_path / "d", "--json", **settings(mail)
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {row["status"] for row in json.loads(done.stdout)} == {"sent"}
    (received,) = mail.mails
    assert "test" in received.message["Subject"].lower()
    (request,) = hook.requests
    Webhook(SECRET).verify(request.body, dict(request.headers))


def test_a_channel_that_fails_is_named_and_the_other_still_tells(tmp_path: Path) -> None:
    with SmtpServer() as mail, WebhookReceiver(500) as hook:
        file = rules(tmp_path / "rules.yaml", hook.url)
        done = framewatch(
            "alerts", "test", "--rules", file, "--data", tmp_path / "d", **settings(mail)
        )
    assert done.returncode == 1
    assert len(mail.mails) == 1
    assert "500" in done.stdout


def test_a_rule_with_a_misspelt_signal_is_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "rules:\n  - name: desk\n    watch: [signal=thow]\n    emails: [a@example.org]\n"
    )
    done = framewatch("alerts", "test", "--rules", file, "--data", tmp_path / "d")
    assert done.returncode == 1
    assert "line 3" in done.stderr
    assert "thaw" in done.stderr
