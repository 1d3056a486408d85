"""Stages `teachers`, `labels`, `student` and `export`: from the encoder to the classifier.

Teachers are fitted on folds of the coded rows, so that each row is also labelled by a
teacher that has not seen it. Together they label texts that nobody coded. One student
learns from the codes, softened by those second opinions, and from the teachers' labels.
"""

from __future__ import annotations

import json
import logging
import random
import shutil
from typing import Any, Final

import torch
from tokenizers import Tokenizer
from torch import Tensor

from services.errors import PermanentError
from services.framing.calibration import Calibration
from services.framing.classifier import Classifier
from services.framing.manifest import MODEL_NAME
from services.framing.train import calibrate, export
from services.framing.train.data import (
    EVAL_FILES,
    LabelledRow,
    data_digest,
    read_eval_rows,
    read_training_rows,
)
from services.framing.train.encoder import MAX_TOKENS, encode_texts, load_encoder
from services.framing.train.examples import coded_examples, row_targets, row_tokens, soft_examples
from services.framing.train.finetune import (
    Examples,
    FinetuneSettings,
    FramingNet,
    Logits,
    finetune,
    predict_logits,
)
from services.framing.train.run import Run
from services.framing.train.scores import score
from services.framing.train.unlabelled import first_wordings, read_unlabelled

log = logging.getLogger(__name__)
FOLDS: Final = 3
TEACHER: Final = FinetuneSettings(epochs=3)
STUDENT: Final = FinetuneSettings(epochs=3)
OPINION: Final = 0.3  # share of the second opinion in a coded row's target
SOFT_WEIGHT: Final = 0.5  # weight of a text that only teachers labelled
TOLERANCE: Final = 0.01  # mean change of a probability that quantisation may cause


def cross_fit(run: Run) -> None:
    """Train one teacher for each fold on the other folds; keep its opinion on its own."""
    tokenizer = _tokenizer(run)
    rows = read_training_rows(run.shared)
    order = list(range(len(rows)))
    random.Random(run.seed).shuffle(order)
    opinions = [torch.empty(len(rows), size) for size in (4, 4, 19)]
    for fold in range(FOLDS):
        path = run.work / f"teacher-{fold}.pt"
        held = order[fold::FOLDS]
        net = _fresh_net(run, run.seed + fold)
        if path.exists():
            net.load_state_dict(torch.load(path))
        else:
            kept = [rows[i] for other in range(FOLDS) if other != fold for i in order[other::FOLDS]]
            finetune(net, coded_examples(tokenizer, kept), TEACHER, run.seed + fold)
            torch.save(net.state_dict(), path)
        for opinion, logits in zip(
            opinions,
            predict_logits(net, row_tokens(tokenizer, [rows[i] for i in held])),
            strict=True,
        ):
            opinion[held] = logits
    torch.save(opinions, run.work / "opinions.pt")


def label_texts(run: Run) -> None:
    """Let the teachers label the texts without codes: mean probability over teachers and
    wordings.
    """
    tokenizer = _tokenizer(run)
    texts = read_unlabelled(run.shared, run.seed)
    wordings = [
        encode_texts(tokenizer, first_wordings(texts, position), MAX_TOKENS) for position in (0, 1)
    ]
    parts: list[list[Tensor]] = []
    for fold in range(FOLDS):
        net = _fresh_net(run, run.seed)
        net.load_state_dict(torch.load(run.work / f"teacher-{fold}.pt"))
        for rows in wordings:
            parts.append(probabilities(predict_logits(net, rows)))
        log.info("teacher %d has labelled %d texts", fold, len(texts))
    means = [torch.stack(head).mean(dim=0) for head in zip(*parts, strict=True)]
    torch.save(means, run.work / "labels.pt")


def train_student(run: Run) -> None:
    """Train the shipped network on coded rows and the teachers' labels."""
    tokenizer = _tokenizer(run)
    rows = read_training_rows(run.shared)
    coded = coded_examples(tokenizer, rows)
    opinions = probabilities(torch.load(run.work / "opinions.pt"))
    codes = (coded.us, coded.relations, coded.frames)
    us, relations, frames = (
        (1 - OPINION) * code + OPINION * opinion
        for code, opinion in zip(codes, opinions, strict=True)
    )
    softened = Examples(coded.variants, us, relations, frames, coded.weight)
    labels = torch.load(run.work / "labels.pt")
    texts = read_unlabelled(run.shared, run.seed)
    soft = soft_examples(tokenizer, texts, (labels[0], labels[1], labels[2]), SOFT_WEIGHT)
    net = _fresh_net(run, run.seed)
    finetune(net, softened + soft, STUDENT, run.seed)
    torch.save(net.state_dict(), run.work / "student.pt")


def export_model(run: Run) -> None:
    """Calibrate the student, write it as int8 ONNX with its manifest, and score the result."""
    net = _fresh_net(run, run.seed)
    net.load_state_dict(torch.load(run.work / "student.pt"))
    publish(run, net)


def publish(run: Run, net: FramingNet) -> dict[str, Any]:
    """Write `net` and all that belongs to it into the output folder; return the scores."""
    tokenizer = _tokenizer(run)
    sets = {language: read_eval_rows(run.shared, language) for language in EVAL_FILES}
    exact, shipped = run.work / "exact.onnx", run.work / MODEL_NAME
    export.export_onnx(net, exact)
    export.quantize(exact, shipped)
    tokens = {name: row_tokens(tokenizer, rows) for name, rows in sets.items()}
    logits = {name: export.run_onnx(shipped, rows) for name, rows in tokens.items()}
    for name, rows in tokens.items():
        _check_drift(logits[name], export.run_onnx(exact, rows))
    run.out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped, run.out / MODEL_NAME)
    export.write_tokenizer(run.work / "tokenizer.json", run.out, MAX_TOKENS)
    opinions = torch.load(run.work / "opinions.pt")
    calibration = calibrate.fit(
        {name: _scored(logits[name], rows) for name, rows in sets.items()},
        _scored((opinions[0], opinions[1], opinions[2]), read_training_rows(run.shared)),
        run.seed,
    )
    facts = {
        "base_model": f"{run.encoder}, with Russian word pieces",
        "licence": "Apache-2.0",
        "seed": run.seed,
        "data_digest": data_digest(run.shared),
        "max_tokens": MAX_TOKENS,
    }
    scores = _scores(run, facts, calibration, sets)
    model_id = export.write_manifest(run.out, facts, calibration, scores)
    log.info("%s written to %s", model_id, run.out)
    (run.work / "scores.json").write_text(json.dumps(scores, indent=1), encoding="utf-8")
    return scores


def probabilities(logits: Any) -> list[Tensor]:
    """Return the heads' logits as probabilities."""
    us, relations, frames = logits
    return [us.softmax(dim=-1), relations.softmax(dim=-1), frames.sigmoid()]


def _scores(
    run: Run,
    facts: dict[str, Any],
    calibration: dict[str, Calibration],
    sets: dict[str, list[LabelledRow]],
) -> dict[str, Any]:
    """Score the files as they will ship, through the classifier that will read them."""
    export.write_manifest(run.out, facts, calibration, {})
    classifier = Classifier.load(run.out)
    return {name: score(classifier, rows) for name, rows in sets.items()}


def _check_drift(shipped: Logits, exact: Logits) -> None:
    """Refuse to ship int8 weights that change what the model says."""
    pairs = zip(probabilities(shipped), probabilities(exact), strict=True)
    drift = max(float((one - two).abs().mean()) for one, two in pairs)
    log.info("int8 changes a probability by %.4f in the mean", drift)
    if drift > TOLERANCE:
        raise PermanentError(
            f"The int8 model differs from the float32 model by {drift:.3f} in the mean "
            f"probability, more than {TOLERANCE}; nothing was shipped."
        )


def _scored(logits: Logits, rows: list[LabelledRow]) -> calibrate.Scored:
    us, relations, frames = row_targets(rows)
    return calibrate.Scored(logits, us.argmax(dim=1), relations.argmax(dim=1), frames)


def _tokenizer(run: Run) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(run.work / "tokenizer.json"))
    tokenizer.no_padding()
    return tokenizer


def _fresh_net(run: Run, seed: int) -> FramingNet:
    torch.manual_seed(seed)
    return FramingNet(load_encoder(run.work / "distilled"))
