"""The image's recipe and the compose file: pinned, not root, and in step with the settings."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.deploy.files import DEPLOY, ROOT, SETTINGS, VERSION, settings_named_in
from workers.main import cli
from workers.queues import Queue

DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
EXACT_TAG = re.compile(r":\d+\.\d+\.\d+(-[a-z0-9.-]+)?$")


def test_bases_are_pinned_by_exact_version() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert all(EXACT_TAG.search(base) for base in bases), bases


def test_the_image_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["10001:10001"]


def test_the_image_installs_locked_packages_only() -> None:
    assert "--require-hashes --requirement deploy/locks/workers.txt" in DOCKERFILE
    assert "--no-deps --no-build-isolation ." in DOCKERFILE


def test_the_lock_of_the_image_holds_the_engine_and_the_model_runtime() -> None:
    lock = (DEPLOY / "locks/workers.txt").read_text(encoding="utf-8")
    for package in ("celery", "redis", "onnxruntime", "hatchling"):
        assert re.search(rf"^{package}==", lock, re.MULTILINE), package


def pinned(lock: str) -> set[str]:
    """Return the name==version pairs of one lock."""
    text = (DEPLOY / f"locks/{lock}.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9_.-]+==[^ ;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize(("part", "whole"), [("run", "workers"), ("workers", "dev")])
def test_what_is_shipped_is_what_was_tested(part: str, whole: str) -> None:
    assert pinned(part)
    assert pinned(part) <= pinned(whole)


def test_every_copied_path_exists_and_enters_the_build() -> None:
    allowed = {
        line[1:]
        for line in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied: set[str] = set()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        copied.update(line.split()[:-1])
    assert copied == allowed
    assert all((ROOT / path).exists() for path in copied)


def test_the_label_and_the_tags_name_the_version_of_the_package() -> None:
    assert f'image.version="{VERSION}"' in DOCKERFILE
    assert {SERVICES[name]["image"] for name in OURS} == {f"framewatch:{VERSION}"}


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "README.md"])
def test_every_setting_exists(name: str) -> None:
    named = settings_named_in((DEPLOY / name).read_text(encoding="utf-8"))
    assert named
    assert named <= SETTINGS


def test_one_command_starts_the_embedded_product() -> None:
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == [
        "framewatch"
    ]


def test_the_workers_profile_holds_the_whole_engine() -> None:
    chosen = {
        name for name, service in SERVICES.items() if "workers" in service.get("profiles", ())
    }
    assert chosen == {"page", "collector", "worker", "beat", "redis"}


def test_every_part_of_the_engine_is_a_command_of_the_workers() -> None:
    commands = {command.name or command.callback.__name__ for command in cli.registered_commands}
    for name in ("page", "collector", "worker", "beat"):
        assert SERVICES[name]["command"][:3] == ["python", "-m", "workers"]
        assert SERVICES[name]["command"][3] in commands


def served_by(name: str) -> tuple[set[str], str]:
    """Return the queues that a service serves, and in how many processes."""
    command = SERVICES[name]["command"]
    queues = command[command.index("--queues") + 1].split(",")
    return set(queues), command[command.index("--concurrency") + 1]


def test_one_process_alone_asks_all_hosts() -> None:
    assert served_by("collector") == ({Queue.COLLECT, Queue.PAGES}, "1")
    assert served_by("worker")[0] == set(Queue) - {Queue.COLLECT, Queue.PAGES}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_locked_down_and_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "logging", "restart"} <= service.keys()
    assert EXACT_TAG.search(service["image"])


def test_redis_is_out_of_reach_from_outside() -> None:
    assert SERVICES["redis"]["networks"] == ["broker"]
    assert COMPOSE["networks"]["broker"] == {"internal": True}
    assert "ports" not in SERVICES["redis"]


def test_the_page_is_published_on_loopback_only() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)
