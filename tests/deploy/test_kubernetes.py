"""Every overlay of k8s/ builds, and what comes out keeps what k8s/README.md promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.deploy.files import OVERLAYS, SETTINGS, VERSION, of_kind, render, settings_named_in

WRITABLE = {"/data", "/tmp"}


@pytest.fixture(scope="module", params=OVERLAYS, ids=lambda path: path.name)
def documents(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    overlay: Path = request.param
    return render(overlay)


@pytest.fixture
def pod(documents: list[dict[str, Any]]) -> dict[str, Any]:
    (deployment,) = of_kind(documents, "Deployment")
    return deployment["spec"]["template"]["spec"]


@pytest.fixture
def container(pod: dict[str, Any]) -> dict[str, Any]:
    (container,) = pod["containers"]
    return container


def test_there_is_an_overlay_to_try_and_one_to_rely_on() -> None:
    assert [path.name for path in OVERLAYS] == ["dev", "prod"]


def test_everything_lives_in_the_overlays_own_namespace(documents: list[dict[str, Any]]) -> None:
    (namespace,) = of_kind(documents, "Namespace")
    inside = {d["metadata"]["namespace"] for d in documents if d["kind"] != "Namespace"}
    assert inside == {namespace["metadata"]["name"]}


def test_the_namespace_enforces_restricted_pods(documents: list[dict[str, Any]]) -> None:
    (namespace,) = of_kind(documents, "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_one_pod_at_a_time_writes_the_store(documents: list[dict[str, Any]]) -> None:
    (deployment,) = of_kind(documents, "Deployment")
    assert deployment["spec"]["replicas"] == 1
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}


def test_the_image_is_the_version_of_the_package(container: dict[str, Any]) -> None:
    assert container["image"].rpartition(":")[2] == VERSION


def test_the_pod_is_restricted(pod: dict[str, Any], container: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }


def test_only_the_data_and_scratch_folders_are_mounted(container: dict[str, Any]) -> None:
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == WRITABLE


def test_resources_are_requested_and_limited(container: dict[str, Any]) -> None:
    for bound in ("requests", "limits"):
        assert {"cpu", "memory"} <= container["resources"][bound].keys()


def test_probes_ask_the_page(container: dict[str, Any]) -> None:
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[name]["httpGet"] == {"path": "/healthz", "port": "http"}


def test_every_setting_exists(documents: list[dict[str, Any]]) -> None:
    named = settings_named_in(str(documents))
    assert named
    assert named <= SETTINGS


def test_service_links_do_not_look_like_settings(pod: dict[str, Any]) -> None:
    # Kubernetes would set FRAMEWATCH_PORT=tcp://… for a service of this name.
    assert pod["enableServiceLinks"] is False


def test_the_service_finds_the_pod(documents: list[dict[str, Any]]) -> None:
    (service,) = of_kind(documents, "Service")
    (deployment,) = of_kind(documents, "Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()


def test_no_secret_is_kept_in_the_manifests(documents: list[dict[str, Any]]) -> None:
    assert not of_kind(documents, "Secret")


def test_the_network_is_closed_unless_opened(documents: list[dict[str, Any]]) -> None:
    closed = [
        policy["spec"]
        for policy in of_kind(documents, "NetworkPolicy")
        if policy["metadata"]["name"] == "deny-by-default"
    ]
    assert closed == [{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}]


def test_the_pod_reaches_names_and_the_public_internet_only(
    documents: list[dict[str, Any]],
) -> None:
    (policy,) = [
        policy["spec"]
        for policy in of_kind(documents, "NetworkPolicy")
        if policy["metadata"]["name"] == "framewatch"
    ]
    names, internet = policy["egress"]
    (peer,) = names["to"]
    assert peer["podSelector"]["matchLabels"] == {"k8s-app": "kube-dns"}
    assert {port["port"] for port in names["ports"]} == {53}
    assert {port["port"] for port in internet["ports"]} == {80, 443, 465, 587}
    refused = {network for block in internet["to"] for network in block["ipBlock"]["except"]}
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= refused
    assert {"fc00::/7", "fe80::/10"} <= refused
