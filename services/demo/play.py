"""Playing the simulated world through the true pipeline.

The demo sets the stage (servers, catalogue, rules, settings) and moves the clock; what
happens in a round is the product's own business. Use it like this:

    with prepare_demo(folder) as demo:
        settings = load_settings(**demo.settings)
        with open_context(settings, clock=demo.clock) as context:
            report = demo.play(context, run_round)
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.context import Context
from services.demo.clock import SimulatedClock
from services.demo.feeds import FeedServer
from services.demo.found import gather
from services.demo.report import DemoReport, compare
from services.demo.sinks import MailSink, WebhookReceiver
from services.demo.world import World, build_world
from services.domain.alert import DeliveryStatus, Rule
from services.domain.series import group_scope
from services.domain.shift import Level
from services.errors import ConfigurationError

READER: Final = "newsroom@demo.example"
SENDER: Final = "Framewatch demo <framewatch@demo.example>"
BANNER: Final = (
    "This is a demonstration. Every outlet, headline and event on this page is simulated; "
    "nothing here was published by anybody."
)
_ROUND_AT: Final = timedelta(minutes=10)  # after midnight UTC, when the day before is complete
_LAST_TRIES: Final = 40  # simulated half hours that late deliveries get at the end


class DemoState:
    """What the page shows in demo mode; it may be read while the world is being played."""

    def __init__(self, mail: MailSink, hooks: WebhookReceiver) -> None:
        self.banner = BANNER
        self.report = ""
        self._mail = mail
        self._hooks = hooks

    @property
    def mails(self) -> list[tuple[datetime, str, str, str]]:
        """(when, to, subject, html) of each mail in the order of arrival, so that a mail keeps
        its place; pictures are inside the HTML."""
        return [
            (mail.when, ", ".join(mail.to), mail.subject, mail.standalone_html())
            for mail in tuple(self._mail.mails)
        ]

    @property
    def webhooks(self) -> list[tuple[datetime, str, str, dict[str, Any]]]:
        """(when, url, id, payload) of each accepted webhook in the order of arrival."""
        return [
            (hook.when, hook.url, hook.id, hook.payload) for hook in tuple(self._hooks.webhooks)
        ]


@dataclass
class DemoWorld(AbstractContextManager["DemoWorld"]):
    """A world on stage. `settings` are overrides for `load_settings`; `rules` are also in the
    rules file that the settings name."""

    world: World
    clock: SimulatedClock
    feeds: FeedServer
    mail: MailSink
    hooks: WebhookReceiver
    rules: tuple[Rule, ...]
    settings: dict[str, object]
    state: DemoState

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __enter__(self) -> Self:
        return self

    def stop(self) -> None:
        """Stop every server; what arrived stays readable."""
        self.feeds.stop()
        self.mail.stop()
        self.hooks.stop()

    def play(
        self,
        context: Context,
        round_: Callable[[Context], object],
        *,
        console: Console | None = None,
        stop: Callable[[], bool] = lambda: False,
        step: timedelta = timedelta(days=1),
    ) -> DemoReport:
        """Play from the first day to the last, one round a step, and compare.

        `round_` is one round of all stages (`services.run.run_round`). `console` shows the
        progress; `stop` is asked before every step and ends the play early.
        """
        context.store.save_rules(self.rules)
        moments = round_times(self.world.since, self.world.until, step)
        played = 0
        with _progress(console) as progress:
            task = progress.add_task("The world begins", total=len(moments))
            for moment in moments:
                if stop():
                    break
                self.clock.set(moment)
                round_(context)
                played += 1
                progress.update(task, advance=1, description=self._status(moment))
        if played == len(moments):
            self._finish_deliveries(context, round_)
        found = gather(context, self.world, self.mail, self.hooks)
        report = compare(self.world, found, complete=played == len(moments))
        self.state.report = report.to_text()
        return report

    def _status(self, moment: datetime) -> str:
        mails, hooks = len(self.mail.mails), len(self.hooks.webhooks)
        return f"{moment - timedelta(days=1):%d %b %Y}: {mails} mails, {hooks} webhooks"

    def _finish_deliveries(self, context: Context, round_: Callable[[Context], object]) -> None:
        """Let the clock run on while a delivery waits for its next try."""
        for _ in range(_LAST_TRIES):
            if not context.store.deliveries(status=DeliveryStatus.PENDING):
                return
            self.clock.advance(timedelta(minutes=30))
            round_(context)


def round_times(since: date, until: date, step: timedelta) -> list[datetime]:
    """The moments of the rounds: ten past midnight after each day, and `step` in between."""
    first = datetime.combine(since, time(), UTC) + step + _ROUND_AT
    last = datetime.combine(until, time(), UTC) + timedelta(days=1) + _ROUND_AT
    return [first + step * number for number in range((last - first) // step + 1)]


def prepare_demo(
    data_dir: Path,
    *,
    seed: int | None = None,
    languages: Sequence[str] = ("en", "ru"),
    until: date | None = None,
) -> DemoWorld:
    """Build a world, start its servers and write its catalogue and rules into `data_dir`.

    Raises ConfigurationError when `data_dir` already holds a store: simulated articles must
    never mix with real ones. `languages` are those that the model knows.
    """
    if (data_dir / "framewatch.db").exists():
        raise ConfigurationError(
            f"{data_dir} already holds an index. The demo starts a world of its own: "
            "choose an empty folder with --data, or leave --data out."
        )
    world = build_world(seed=seed, languages=languages, until=until)
    clock = SimulatedClock(datetime.combine(world.since, time(), UTC))
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    feeds = FeedServer(world, clock)
    mail = MailSink(clock)
    hooks = WebhookReceiver(secret, clock, refuse_first=world.planted.refused_webhooks)
    for server in (feeds, mail, hooks):
        server.start()
    rules = _rules(world, hooks.url)
    data_dir.mkdir(parents=True, exist_ok=True)
    settings: dict[str, object] = {
        "data": data_dir,
        "catalogue": _write(data_dir / "demo-catalogue.yaml", _catalogue(world, feeds)),
        "rules": _write(data_dir / "demo-rules.yaml", {"rules": [_rule_row(r) for r in rules]}),
        "allow_networks": ("127.0.0.0/8",),
        "fetch_pages": False,
        "proxy": "",
        # Every feed is due again before the next simulated day, however it answered.
        "poll_interval": 900.0,
        "poll_interval_max": 900.0,
        "host_pause": 0.0,  # every feed is on one host
        "smtp_host": mail.host,
        "smtp_port": mail.port,
        "smtp_security": "none",
        "smtp_username": "",
        "mail_from": SENDER,
        "webhook_secret": secret,
    }
    return DemoWorld(world, clock, feeds, mail, hooks, rules, settings, DemoState(mail, hooks))


def _rules(world: World, webhook: str) -> tuple[Rule, ...]:
    scopes = tuple(group_scope(group) for group in world.groups())
    watch = tuple(dict.fromkeys(f"signal={shift.signal}" for shift in world.planted.shifts))
    return (Rule("Demo newsroom", watch, scopes, Level.ALERT, (READER,), (webhook,)),)


def _rule_row(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name,
        "watch": list(rule.watch),
        "scopes": list(rule.scopes),
        "level": str(rule.level),
        "emails": list(rule.emails),
        "webhooks": list(rule.webhooks),
    }


def _catalogue(world: World, feeds: FeedServer) -> dict[str, object]:
    rows = [
        {
            "id": outlet.id,
            "name": outlet.name,
            "group": outlet.group,
            "language": outlet.language,
            "feed": feeds.feed_url(outlet.id),
            "reason": "Simulated: put into this group for the demo.",
            "source": "services/demo/world.yaml",
            "certainty": "A",
            "fetch_pages": False,
        }
        for outlet in world.outlets
    ]
    return {"extend": False, "outlets": rows}


def _write(path: Path, data: dict[str, object]) -> Path:
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _progress(console: Console | None) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=console is None,
    )
