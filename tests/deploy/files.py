"""What the checks of deploy/ and k8s/ read: rendered manifests, settings named in files."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import yaml

from services.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OVERLAYS = sorted(path.parent for path in (ROOT / "k8s/overlays").glob("*/kustomization.yaml"))
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
SETTINGS = {f"FRAMEWATCH_{name.upper()}" for name in Settings.model_fields}
_NAME = re.compile(r"\bFRAMEWATCH_[A-Z0-9_]+")


def settings_named_in(text: str) -> set[str]:
    """Return every FRAMEWATCH_… name in `text`, except the NAME of an explanation."""
    return set(_NAME.findall(text)) - {"FRAMEWATCH_NAME"}


def render(overlay: Path) -> list[dict[str, Any]]:
    """Build an overlay with kubectl; fails with what kubectl said."""
    kubectl = shutil.which("kubectl")
    assert kubectl, (
        "kubectl is missing, so the manifests in k8s/ cannot be checked: install the Kubernetes "
        "command-line client 1.21 or newer and run the tests again."
    )
    done = subprocess.run(
        [kubectl, "kustomize", str(overlay)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"kubectl kustomize {overlay} failed: {done.stderr}"
    assert not done.stderr, f"kubectl kustomize {overlay} warns: {done.stderr}"
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def of_kind(documents: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the documents of one kind."""
    return [document for document in documents if document["kind"] == kind]
