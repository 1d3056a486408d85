"""Each kind of error has its status and its sentence, for programs and for readers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.api.app import create_app
from services.context import Context
from services.errors import ConfigurationError, PermanentError, RetryableError, UsageError
from tests.support.reading import browser, installation

RAISED: dict[str, Exception] = {
    "usage": UsageError("Ask otherwise."),
    "retry": RetryableError("Come back later.", retry_after=7),
    "permanent": PermanentError("It is broken."),
    "configuration": ConfigurationError("Mend the setting."),
    "unforeseen": ZeroDivisionError("secret detail"),
}


def _raise(kind: str) -> None:
    raise RAISED[kind]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    with installation(tmp_path_factory.mktemp("errors")) as context:
        app = create_app(context)
        app.add_api_route("/api/test/{kind}", _raise)
        app.add_api_route("/test/{kind}", _raise)
        yield app


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with browser(app.state.context, app) as opened:
        yield opened


@pytest.mark.parametrize(
    ("kind", "status"),
    [("usage", 422), ("retry", 503), ("permanent", 500), ("configuration", 500)],
)
def test_an_error_of_ours_is_told_with_its_sentence(
    client: httpx.Client, kind: str, status: int
) -> None:
    answer = client.get(f"/api/test/{kind}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == str(RAISED[kind])


def test_the_wait_that_was_asked_for_is_passed_on(client: httpx.Client) -> None:
    assert client.get("/api/test/retry").headers["retry-after"] == "7"


def test_an_unforeseen_error_tells_no_detail(client: httpx.Client) -> None:
    answer = client.get("/api/test/unforeseen")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["detail"].startswith("Something failed inside Framewatch")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_reader_gets_the_sentence_as_a_page(client: httpx.Client) -> None:
    answer = client.get("/test/permanent", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert "It is broken." in answer.text


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/api/articles?since=yesterday", "query parameter 'since' is wrong"),
        ("/api/articles?limit=0", "query parameter 'limit' is wrong"),
        ("/api/articles?us=angry", "hostile, favourable, neutral, absent"),
        ("/api/articles?outlet=nobody", "It has: rt"),
        ("/api/articles?cursor=broken", "not one that Framewatch gave out"),
        ("/api/articles?since=2025-02-02&until=2025-01-01", "ends before"),
        ("/api/series?label=detente", "relations=detente"),
        ("/api/series", "query parameter 'label' is wrong"),
        ("/api/series?label=us=hostile&group=state&outlet=rt", "one group or one outlet"),
        ("/api/shifts?label=us=hostile&signal=thaw", "not for both"),
    ],
)
def test_a_wrong_request_is_explained(client: httpx.Client, path: str, hint: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert hint in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/nothing", "/nothing", "/static/nothing.css"])
def test_what_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_writing_is_not_offered(client: httpx.Client) -> None:
    assert client.post("/api/articles", json={}).status_code == 405


def test_a_store_that_was_closed_is_told_as_such(tmp_path: Path) -> None:
    with installation(tmp_path) as context, browser(context) as client:
        context.store.close()
        answer = client.get("/api/articles")
        assert answer.status_code == 500
        assert "closed" in answer.json()["detail"]


def test_the_context_is_not_exposed(client: httpx.Client, app: FastAPI) -> None:
    context: Context = app.state.context
    assert str(context.settings.data) not in client.get("/openapi.json").text
