"""`framewatch doctor`: what is configured, reachable and missing, and how to mend it."""

from __future__ import annotations

import platform
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Literal

from pydantic import SecretStr

from services.alerts.channels.email import EmailSender
from services.alerts.channels.webhook import read_secrets
from services.alerts.rules import load_rules
from services.cli.options import CatalogueFile, Data, Json, settings_for
from services.cli.output import print_json, table
from services.context import open_context
from services.domain.alert import Rule
from services.errors import FramewatchError
from services.framing.manifest import load_manifest
from services.index.opening import open_store
from services.outlets.catalogue import load_catalogue
from services.queries import outlet_health
from services.settings import Settings
from services.shifts.reference import load_reference

Status = Literal["ok", "off", "wrong"]
LOW_DISK_BYTES = 500 * 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `mend` says what to do when the status is not ok."""

    what: str
    status: Status
    found: str
    mend: str = ""


def doctor(data: Data = None, catalogue: CatalogueFile = None, as_json: Json = False) -> int:
    """Check the installation: what works, what is switched off, and how to mend the rest."""
    settings = settings_for(data, catalogue)
    checks: tuple[Callable[[Settings], Finding], ...] = (
        _python,
        _disk,
        _catalogue,
        _model,
        _store,
        _reference,
        _collection,
        _rules,
        _mail,
        _webhooks,
    )
    findings = [_guarded(check, settings) for check in checks]
    if as_json:
        shown = {name: _shown(value) for name, value in settings}
        print_json({"findings": [asdict(item) for item in findings], "settings": shown})
    else:
        rows = [(item.what, item.status, item.found, item.mend) for item in findings]
        table(f"Installation in {settings.data}", ("what", "status", "found", "how to mend"), rows)
    return 1 if any(item.status == "wrong" for item in findings) else 0


def _guarded(check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except FramewatchError as error:
        return Finding(check.__name__.strip("_"), "wrong", str(error))
    except (OSError, ValueError) as error:  # one check that fails must not hide the others
        return Finding(check.__name__.strip("_"), "wrong", f"could not be checked: {error}")


def _shown(value: object) -> str:
    return "set, not shown" if isinstance(value, SecretStr) else str(value)


def _python(_settings: Settings) -> Finding:
    return Finding("python", "ok", f"{platform.python_version()} on {platform.system()}")


def _disk(settings: Settings) -> Finding:
    folder = next(path for path in (settings.data, *settings.data.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free / 2**30:.1f} GiB free at {folder}"
    if free < LOW_DISK_BYTES:
        return Finding("disk", "wrong", found, "Free some space, or name another folder: --data.")
    return Finding("disk", "ok", found)


def _catalogue(settings: Settings) -> Finding:
    outlets = load_catalogue(settings.used_catalogue).outlets
    enabled = sum(outlet.enabled for outlet in outlets)
    origin = settings.used_catalogue or "the packaged catalogue"
    return Finding("catalogue", "ok", f"{enabled} of {len(outlets)} outlets enabled ({origin})")


def _model(settings: Settings) -> Finding:
    manifest = load_manifest(settings.model)
    manifest.verify_files()
    languages = ", ".join(sorted(manifest.languages))
    return Finding("model", "ok", f"{manifest.model_id}, knows {languages}, checksums match")


def _store(settings: Settings) -> Finding:
    with closing(open_store(settings.store_path)) as store:
        stats = store.stats(load_manifest(settings.model).model_id)
    found = f"{stats.articles:,} articles, {stats.unclassified:,} waiting for a label"
    return Finding("store", "ok", f"{settings.store_path}: {found}")


def _reference(settings: Settings) -> Finding:
    reference = load_reference()
    active = load_manifest(settings.model).model_id
    if not reference.rows:
        return Finding("reference", "off", "none is packaged", "'make reference' makes one.")
    if reference.model != active:
        return Finding(
            "reference",
            "off",
            f"made by model {reference.model}, while {active} is active",
            "It is still shown, but not used as a baseline; 'make reference' makes a new one.",
        )
    days = {(row.scope, row.day) for row in reference.rows}
    return Finding("reference", "ok", f"{len(days):,} days of counts")


def _collection(settings: Settings) -> Finding:
    with open_context(settings) as context:
        asked = [item for item in outlet_health(context) if item.asked]
    if not asked:
        return Finding("feeds", "off", "no feed was asked yet", "Start 'framewatch run'.")
    counts = Counter(item.status for item in asked)
    good = sum(item.answers for item in asked)
    found = f"{good} of {len(asked)} feeds answered at the last try"
    found += "".join(f", {counts[name]} {name}" for name in ("failing", "silent") if counts[name])
    if not good:
        mend = "Check the network, or set FRAMEWATCH_PROXY; 'framewatch outlets' has the reasons."
        return Finding("feeds", "wrong", found, mend)
    mend = "'framewatch outlets' has the reasons." if counts["failing"] + counts["silent"] else ""
    return Finding("feeds", "ok", found, mend)


def _rules(settings: Settings) -> Finding:
    with closing(open_store(settings.store_path)) as store:
        stored = store.rules()
    rules = load_rules(settings.rules) if settings.rules else stored
    if not rules:
        mend = "Write a rules file as the README shows; start with 'framewatch run --rules FILE'."
        return Finding("rules", "off", "nobody is told about shifts", mend)
    mute = [rule.name for rule in rules if _reaches_nobody(rule, settings)]
    if mute:
        found = f"{', '.join(mute)}: mail or webhooks are asked for that are not set up"
        return Finding("rules", "wrong", found, "See the rows below; until then nothing is sent.")
    return Finding("rules", "ok", ", ".join(rule.name for rule in rules))


def _reaches_nobody(rule: Rule, settings: Settings) -> bool:
    """True when a way that the rule names leads nowhere."""
    by_mail = rule.emails and not settings.smtp_host
    return bool(by_mail or (rule.webhooks and not settings.webhook_secret))


def _mail(settings: Settings) -> Finding:
    if not settings.smtp_host:
        return Finding("mail", "off", "not set up", "Set FRAMEWATCH_SMTP_HOST and _MAIL_FROM.")
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    if not settings.mail_from:
        return Finding("mail", "wrong", f"{where}, but no sender", "Set FRAMEWATCH_MAIL_FROM.")
    try:
        EmailSender.from_settings(settings).check()
    except FramewatchError as error:
        mend = "Check FRAMEWATCH_SMTP_HOST, _PORT, _SECURITY, _USERNAME and _PASSWORD."
        return Finding("mail", "wrong", str(error), mend)
    return Finding("mail", "ok", f"{where} answers; 'framewatch alerts test' sends a test")


def _webhooks(settings: Settings) -> Finding:
    if not settings.webhook_secret:
        return Finding("webhooks", "off", "not set up", "Set FRAMEWATCH_WEBHOOK_SECRET.")
    try:
        read_secrets(settings.webhook_secret.get_secret_value())
    except FramewatchError as error:
        return Finding("webhooks", "wrong", str(error), "The README shows how to make a secret.")
    return Finding("webhooks", "ok", "a signing secret is set")
