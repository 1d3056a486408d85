"""The OpenAPI document: complete, and its examples are what the API would answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from services.api import schemas
from tests.support.reading import browser, installation

EXAMPLES = [
    (model, example)
    for model in vars(schemas).values()
    if isinstance(model, type) and issubclass(model, BaseModel)
    for example in (model.model_config.get("json_schema_extra") or {}).get("examples", [])  # type: ignore[union-attr]
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with installation(tmp_path_factory.mktemp("openapi")) as context, browser(context) as opened:
        yield opened


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


@pytest.mark.parametrize(
    ("model", "example"), EXAMPLES, ids=lambda item: getattr(item, "__name__", "")
)
def test_an_example_is_what_its_schema_says(model: type[BaseModel], example: Any) -> None:
    read = model.model_validate(example)
    assert set(read.model_dump(mode="json", by_alias=True)) == set(example)


def test_the_large_answers_have_examples() -> None:
    assert {model.__name__ for model, _ in EXAMPLES} >= {
        "ArticleRow",
        "SeriesAnswer",
        "ShiftRow",
        "HealthAnswer",
        "Problem",
    }


def test_every_operation_and_parameter_is_described(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["description"], path
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    assert parameter.get("description"), (path, parameter["name"])


def test_every_route_of_the_agreed_surface_is_there(document: dict[str, Any]) -> None:
    assert set(document["paths"]) == {
        "/api/articles",
        "/api/articles/{article_id}",
        "/api/revisions",
        "/api/series",
        "/api/shifts",
        "/api/shifts/{shift_id}",
        "/api/stories",
        "/api/outlets",
        "/api/outlets/{outlet_id}",
        "/api/alerts",
        "/api/codebook",
        "/healthz",
        "/metrics",
    }


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/articles", {}),
        ("/api/series", {"label": "relations=detente"}),
        ("/api/shifts", {}),
        ("/api/stories", {}),
        ("/api/outlets", {}),
        ("/api/outlets/rt", {}),
        ("/api/alerts", {}),
        ("/api/codebook", {}),
    ],
)
def test_an_empty_installation_answers_everything(
    client: httpx.Client, path: str, query: dict[str, str]
) -> None:
    assert client.get(path, params=query).status_code == 200
