"""The shipped model through its public door: what goes in, what comes out, what is refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.codebook import FRAMES, LABELS, RELATIONS, US
from services.domain.identity import prediction_id
from services.domain.prediction import FramingOutcome
from services.errors import ConfigurationError
from services.framing.classifier import (
    Classifier,
    FramingInput,
    FramingResult,
    base_language,
    predict,
)
from services.framing.manifest import MODEL_DIR
from tests.support.records import NOW, make_article

# Every token is quantised by itself, so neighbours change nothing but the order of sums.
TOLERANCE = 0.002

HEADLINES = (
    FramingInput("Lavrov and Rubio agree to restore embassy staff", "The talks were cordial."),
    FramingInput("Washington threatens new sanctions over Russian oil"),
    FramingInput("Local bakery wins prize for rye bread"),
    FramingInput("США угрожают России новыми санкциями", language="ru"),
    FramingInput("В Самаре открылась выставка кошек", language="ru"),
    FramingInput("NATO missiles near the border bring nuclear war closer, general warns"),
)

BODY = (
    "The delegations met in Riyadh on Tuesday. Both sides called the talks useful. "
    "The American side proposed to lift some sanctions on Russian banks. Moscow welcomed it. "
    "A local football club lost its match in the evening. The weather stayed warm. "
    "Mr. Trump said that he and Mr. Putin would meet soon. He spoke of peace in Ukraine."
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(threads=1)


def _probabilities(result: FramingResult) -> list[float]:
    parts = (result.us_p, result.relations_p, result.frames_p)
    return [value for part in parts for value in (part or {}).values()]


def test_every_probability_is_there_and_sums_are_one(classifier: Classifier) -> None:
    for result in classifier.classify(HEADLINES):
        assert result.outcome is FramingOutcome.CLASSIFIED
        assert tuple(result.us_p or ()) == US
        assert tuple(result.relations_p or ()) == RELATIONS
        assert tuple(result.frames_p or ()) == FRAMES
        assert sum((result.us_p or {}).values()) == pytest.approx(1, abs=1e-3)
        assert sum((result.relations_p or {}).values()) == pytest.approx(1, abs=1e-3)
        assert all(0 <= value <= 1 for value in _probabilities(result))


def test_plain_headlines_get_the_labels_they_deserve(classifier: Classifier) -> None:
    talks, threat, bakery, threat_ru, cats, war = classifier.classify(HEADLINES)
    assert talks.relations == "detente"
    assert "dialogue" in talks.frames
    assert (threat.us != "absent", threat.relations) == (True, "confrontation")
    assert (bakery.us, bakery.relations, bakery.frames) == ("absent", "absent", ())
    assert (threat_ru.us != "absent", threat_ru.relations) == (True, "confrontation")
    assert (cats.us, cats.relations, cats.frames) == ("absent", "absent", ())
    assert {"nato_threat", "war_brink"} & set(war.frames)


def test_results_come_in_the_order_of_the_inputs(classifier: Classifier) -> None:
    forward = classifier.classify(HEADLINES)
    backward = classifier.classify(HEADLINES[::-1])
    assert [result.us for result in forward] == [result.us for result in backward[::-1]]
    assert [result.relations for result in forward] == [r.relations for r in backward[::-1]]


def test_a_result_does_not_depend_on_its_neighbours(classifier: Classifier) -> None:
    together = classifier.classify([*HEADLINES, FramingInput("A", BODY * 3, BODY * 20)])
    for item, among in zip(HEADLINES, together, strict=False):
        (alone,) = classifier.classify([item])
        assert _probabilities(alone) == pytest.approx(_probabilities(among), abs=TOLERANCE)


def test_the_same_input_gives_the_same_result(classifier: Classifier) -> None:
    assert classifier.classify(HEADLINES) == classifier.classify(HEADLINES)


def test_nothing_in_nothing_out(classifier: Classifier) -> None:
    assert classifier.classify([]) == []


def test_an_unknown_language_is_said_and_carries_no_labels(classifier: Classifier) -> None:
    result, known = classifier.classify(
        [FramingInput("Die USA drohen Russland", language="de"), HEADLINES[1]]
    )
    assert result == FramingResult(outcome=FramingOutcome.UNSUPPORTED_LANGUAGE)
    assert known.outcome is FramingOutcome.CLASSIFIED


@pytest.mark.parametrize("language", ["en", "en-US", "EN", "en_GB", " ru "])
def test_a_region_does_not_change_the_language(classifier: Classifier, language: str) -> None:
    (result,) = classifier.classify([replace(HEADLINES[1], language=language)])
    assert result.outcome is FramingOutcome.CLASSIFIED
    assert base_language(language) in {"en", "ru"}


@pytest.mark.parametrize("blank", ["", "   \n\t", "\u2003"])
def test_without_words_there_is_no_text(classifier: Classifier, blank: str) -> None:
    (result,) = classifier.classify([FramingInput(blank, blank, blank)])
    assert result == FramingResult(outcome=FramingOutcome.NO_TEXT)


def test_a_text_without_headline_is_classified(classifier: Classifier) -> None:
    (result,) = classifier.classify([FramingInput("", "", BODY)])
    assert result.outcome is FramingOutcome.CLASSIFIED
    assert all(passage.start >= 0 for passage in result.evidence)


@pytest.mark.parametrize(
    "title",
    [
        "\U0001f600\U0001f4a3 \U0001f1fa\U0001f1f8",
        "\x00\x01\x02\x1b[31mred\x1b[0m",
        "lone \ud800 surrogate",
        "[CLS] [SEP] [MASK] [PAD] [UNK]",
        "<script>alert(1)</script>",
        "\u202eright to left\u202c",
        "a" * 100_000,
        "word " * 50_000,
        "́" * 1_000,
        "!",
    ],
)
def test_hostile_input_ends_in_a_result(classifier: Classifier, title: str) -> None:
    (result,) = classifier.classify([FramingInput(title, title, title)])
    assert result.outcome is FramingOutcome.CLASSIFIED
    assert len(_probabilities(result)) == len(LABELS)


def test_evidence_quotes_the_text_it_points_to(classifier: Classifier) -> None:
    (result,) = classifier.classify([FramingInput("Talks in Riyadh", "", BODY)])
    assert 1 <= len(result.evidence) <= 3
    given = {f"us={result.us}", f"relations={result.relations}"}
    given |= {f"frame={name}" for name in result.frames}
    for passage in result.evidence:
        expected = "Talks in Riyadh" if passage.start < 0 else BODY[passage.start : passage.end]
        assert passage.text == expected
        assert set(passage.labels) <= given
        assert not set(passage.labels) & {"us=absent", "relations=absent"}


def test_the_headline_alone_is_its_own_article(classifier: Classifier) -> None:
    (whole,) = classifier.classify([HEADLINES[1]])
    (passage,) = whole.evidence
    assert (passage.start, passage.end) == (-1, -1)
    assert passage.labels[f"us={whole.us}"] == pytest.approx(
        (whole.us_p or {})[whole.us or ""], abs=1e-4
    )


def test_predictions_carry_identity_and_time(classifier: Classifier) -> None:
    articles = [
        make_article(url="https://news.example/1", title=HEADLINES[1].title, language="en"),
        make_article(url="https://news.example/2", title="Die USA drohen", language="de"),
    ]
    first, second = predict(classifier, articles, NOW)
    assert first.id == prediction_id(articles[0].id, articles[0].content_hash, classifier.model_id)
    assert (first.article_id, first.created, first.model) == (
        articles[0].id,
        NOW,
        classifier.model_id,
    )
    assert len(first.probabilities()) == len(LABELS)
    assert second.outcome is FramingOutcome.UNSUPPORTED_LANGUAGE
    assert second.labels() == ()


def test_the_language_gate_follows_the_manifest(classifier: Classifier) -> None:
    manifest = classifier.manifest
    english = replace(manifest, calibration={"en": manifest.calibration["en"]})
    limited = Classifier(english, classifier._tokenizer, classifier._session)
    (result,) = limited.classify([HEADLINES[3]])
    assert result.outcome is FramingOutcome.UNSUPPORTED_LANGUAGE


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_model_with_one_flipped_bit_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MODEL_DIR, folder)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ConfigurationError, match=f"{name} is not the one its manifest describes"):
        Classifier.load(folder)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="make train"):
        Classifier.load(tmp_path)


def test_classifying_is_silent_and_needs_no_pytorch() -> None:
    code = (
        "import sys\n"
        "from services.framing.classifier import Classifier, FramingInput\n"
        "Classifier.load(threads=1).classify([FramingInput('Hello')])\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
