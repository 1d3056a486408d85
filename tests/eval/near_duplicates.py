"""How well copies of a story are told from other stories on the same event.

    python -m tests.eval.near_duplicates --shared ../shared [--half tune] [--json] [--show N]

Judges the half of the histories that the rules were not tuned on: `--half tune` is the other.
`copies` says how the set is made. A copy counts as found when it shares a band with its
original, as in the store, and passes the exact check. Exit status 1 below the floors, 2
without the data.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.collect.identity.near_duplicates import WINDOW, bands_of, is_copy
from services.collect.identity.wording import Wording, wording_of
from tests.eval.copies import EDITS, Pair, copies, different, republished
from tests.eval.histories import (
    Corpus,
    Half,
    Row,
    as_article,
    read_histories,
    with_neighbours,
)

RECALL_FLOOR = 0.95
PRECISION_FLOOR = 0.98
COPIED_ROWS = 600  # of each history
HARD_PAIRS = 1_500


@dataclass
class Judged:
    """Pairs of one kind: how many there are, and how many were called copies."""

    pairs: int = 0
    called: int = 0
    missed_by_bands: int = 0
    wrong: list[Pair] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.eval.near_duplicates")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--half", choices=("evaluate", "tune"), default="evaluate")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", type=int, default=0, help="wrong pairs to show of each kind")
    options = parser.parse_args(arguments)
    try:
        histories = read_histories(options.shared)
    except FileNotFoundError as error:
        print(f"The histories are not there: {error}.", file=sys.stderr)
        return 2
    found: dict[str, Judged] = defaultdict(Judged)
    every: dict[str, tuple[int, int, int]] = {}
    for name, rows in histories.items():
        corpus = with_neighbours(rows)
        _judge(copies(corpus, options.half, COPIED_ROWS), True, found)
        _judge(different(corpus, options.half, HARD_PAIRS), False, found)
        every[name] = _every_pair(corpus)
    scores = _scores(found)
    if options.json:
        kinds = {kind: [item.pairs, item.called] for kind, item in found.items()}
        print(json.dumps({**scores, "kinds": kinds, "every_pair": every}))
    else:
        print(_report(options.half, found, scores, every, options.show))
    below = scores["recall"] < RECALL_FLOOR or scores["precision"] < PRECISION_FLOOR
    return 1 if below else 0


def _judge(pairs: Iterable[Pair], are_copies: bool, found: dict[str, Judged]) -> None:
    for pair in pairs:
        judged = found[pair.strength]
        one, other = wording_of(pair.one), wording_of(pair.other)
        met = not set(bands_of(one)).isdisjoint(bands_of(other))
        same = is_copy(one, other)
        judged.pairs += 1
        judged.called += met and same
        judged.missed_by_bands += same and not met
        if (met and same) is not are_copies:
            judged.wrong.append(pair)


def _scores(found: dict[str, Judged]) -> dict[str, Any]:
    """Recall over the promised copies, precision over what was called a copy."""
    positive = [item for kind, item in found.items() if kind in EDITS]
    negative = [item for kind, item in found.items() if kind.startswith("same event")]
    right = sum(item.called for item in positive)
    wrong = sum(item.called for item in negative)
    return {
        "copies": sum(item.pairs for item in positive),
        "others": sum(item.pairs for item in negative),
        "recall": right / sum(item.pairs for item in positive),
        "precision": right / (right + wrong),
        "false": wrong,
    }


def _every_pair(corpus: Corpus) -> tuple[int, int, int]:
    """All articles of a history as if each had an outlet of its own: pairs within the window,
    those called copies, and among these the headlines that were put out again."""
    rows = corpus.rows
    wordings = [wording_of(as_article(row)) for row in rows]
    called = list(_called(wordings))
    again = sum(_same_headline(rows[one], rows[other]) for one, other in called)
    return _pairs_in_window(rows), len(called), again


def _called(wordings: Sequence[Wording]) -> Iterator[tuple[int, int]]:
    holders: dict[int, list[int]] = defaultdict(list)
    for place, wording in enumerate(wordings):
        mates = set()
        for band in bands_of(wording):
            for mate in reversed(holders[band]):
                if wording.published - wordings[mate].published > 2 * WINDOW:
                    break
                mates.add(mate)
            holders[band].append(place)
        yield from ((mate, place) for mate in mates if is_copy(wordings[mate], wording))


def _same_headline(one: Row, other: Row) -> bool:
    return republished(one, other) or one.title == other.title


def _pairs_in_window(rows: Sequence[Row]) -> int:
    days = Counter(row.day.toordinal() for row in rows)
    total = 0
    for day, count in days.items():
        total += count * (count - 1) // 2
        total += sum(count * days[day + step] for step in range(1, WINDOW.days + 1))
    return total


def _report(
    half: Half,
    found: dict[str, Judged],
    scores: dict[str, Any],
    every: dict[str, tuple[int, int, int]],
    show: int,
) -> str:
    lines = [f"copies of a story, half '{half}'", ""]
    lines.append(f"{'':48}{'pairs':>8}{'called':>8}{'share':>8}{'no band':>9}")
    for kind, item in found.items():
        share = item.called / item.pairs
        lines.append(
            f"{kind:48}{item.pairs:>8}{item.called:>8}{share:>8.3f}{item.missed_by_bands:>9}"
        )
    lines += [
        "",
        f"recall {scores['recall']:.4f} of {scores['copies']:,} copies (floor {RECALL_FLOOR})",
        f"precision {scores['precision']:.4f}: {scores['false']} of {scores['others']:,} different "
        f"stories called copies (floor {PRECISION_FLOOR})",
        "",
        "every pair of a history within 7 days, as if from different outlets:",
    ]
    for name, (pairs, called, again) in every.items():
        lines.append(
            f"  {name}: {pairs:,} pairs, {called} called copies, {again} of them with a headline "
            "that was put out again"
        )
    for kind, item in found.items():
        for pair in item.wrong[:show]:
            lines += ["", kind, f"  {pair.one.title} ~ {pair.one.lead}"]
            lines.append(f"  {pair.other.title} ~ {pair.other.lead}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
