"""`framewatch demo`: the whole product on a simulated world."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from services.api.app import create_app
from services.cli.output import err, out, print_json, say
from services.cli.run import stopped_by_signals
from services.context import Context, open_context
from services.demo.play import DemoWorld, prepare_demo
from services.framing.manifest import load_manifest
from services.logs import configure_logging
from services.run import RoundReport, address_of, listen, run_round, served
from services.settings import load_settings


def demo(
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Keep the simulated store here; a passing folder if left out."
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the page; 0 takes a free one.")
    ] = 8080,
    leave: Annotated[
        bool, typer.Option("--exit", help="End after the summary instead of serving the page.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> int:
    """Play six simulated months through the whole product, then compare planted and found.

    Feeds are served, pulled, labelled and counted; shifts are found and told by mail and
    webhook to receivers of the demo's own. Nothing leaves this machine, nothing is real.
    """
    with ExitStack() as stack:
        sock = stack.enter_context(listen("127.0.0.1", port))
        folder = stack.enter_context(_folder(data))
        languages = sorted(load_manifest(load_settings().model).languages)
        world = stack.enter_context(prepare_demo(folder, languages=languages))
        page = address_of(sock)
        settings = load_settings(**world.settings | {"public_url": page})
        configure_logging(settings.log_level)
        context = stack.enter_context(open_context(settings, clock=world.clock))
        stop = stack.enter_context(stopped_by_signals())
        app = create_app(context)
        app.state.demo = world.state
        stack.enter_context(served(app, sock))
        say(f"The page is at {page} and fills while the world plays.", "bold")
        good = _play(world, context, stop, as_json)
        if not leave and not stop.is_set():
            say(f"Look at {page} as long as you like; Ctrl-C ends the demo.", "bold")
            stop.wait()
    return 0 if good else 1


def _play(world: DemoWorld, context: Context, stop: threading.Event, as_json: bool) -> bool:
    """Play the world and print its report; True when all was found and nothing failed."""
    problems: list[str] = []

    def one_round(opened: Context) -> RoundReport:
        done = run_round(opened, stop.is_set)
        problems.extend(done.problems)
        return done

    report = world.play(context, one_round, console=err, stop=stop.is_set)
    for sentence in dict.fromkeys(problems):
        say(sentence, "bold red")
    if as_json:
        print_json(report.to_json())
    else:
        out.print(report.render())
    return report.ok and not problems


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="framewatch-demo-") as name:
        yield Path(name)
