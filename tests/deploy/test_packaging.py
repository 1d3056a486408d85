"""What the product imports is what pyproject.toml declares, so that a fresh install runs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.deploy.files import ROOT

OWN = {"services", "workers"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TRAINING = ROOT / "services/framing/train"

# `compression` came with Python 3.14; a package stands in for it before.
STANDARD = sys.stdlib_module_names | {"compression"}


def test_the_product_declares_everything_it_imports() -> None:
    modules = [path for path in source("services") if TRAINING not in path.parents]
    assert undeclared(modules, PROJECT["dependencies"]) == {}


def test_the_workers_extra_declares_what_the_workers_add() -> None:
    declared = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["workers"]
    assert undeclared(source("workers"), declared) == {}


def test_training_declares_what_it_adds() -> None:
    declared = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["train"]
    modules = [path for path in source("services") if TRAINING in path.parents]
    assert undeclared(modules, declared) == {}


def test_the_model_tells_nobody_that_it_runs(tmp_path: Path) -> None:
    # ONNX Runtime keeps an identifier of the machine and a queue of events for its makers in
    # the home folder, unless it is told not to before it is imported.
    subprocess.run(
        [sys.executable, "-c", "import services.framing.classifier as c; c.Classifier.load()"],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "PATH": os.defpath},
        timeout=120,
        check=True,
    )
    assert list(tmp_path.rglob("*")) == []


def source(package: str) -> Iterator[Path]:
    yield from sorted((ROOT / package).rglob("*.py"))


def undeclared(paths: Iterable[Path], requirements: list[str]) -> dict[str, str]:
    """Third-party modules that `paths` import and no requirement brings, with one place each."""
    declared = {normal(re.split(r"[\[<>=!~; ]", item, maxsplit=1)[0]) for item in requirements}
    missing: dict[str, str] = {}
    for path in paths:
        for module in imported(path) - OWN - STANDARD:
            if not ({normal(name) for name in brought_by().get(module, [module])} & declared):
                missing.setdefault(module, str(path.relative_to(ROOT)))
    return missing


def imported(path: Path) -> set[str]:
    """Top-level names of the modules that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@cache
def brought_by() -> dict[str, list[str]]:
    """Distributions by the top-level modules that they install."""
    return {module: list(names) for module, names in packages_distributions().items()}


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
