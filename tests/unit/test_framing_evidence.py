"""Evidence: the passages that carry the article's labels, the strongest first."""

from __future__ import annotations

from services.framing.evidence import MAX_EVIDENCE, strongest

_PASSAGES = [(f"passage {number}", number * 10, number * 10 + 9) for number in range(5)]


def test_the_strongest_passage_comes_first_with_the_labels_it_shares() -> None:
    carried = [
        {"frame=dialogue": 0.6},
        {"frame=dialogue": 0.9, "frame=business": 0.8},
        {},
        {"us=neutral": 0.7},
        {},
    ]
    found = strongest(_PASSAGES, ["frame=dialogue", "us=neutral"], carried)
    assert [passage.text for passage in found] == ["passage 1", "passage 3", "passage 0"]
    assert found[0].labels == {"frame=dialogue": 0.9}
    assert (found[0].start, found[0].end) == (10, 19)


def test_a_label_not_shown_yet_goes_before_another_proof_of_the_same() -> None:
    carried = [{"frame=dialogue": 0.9}, {"frame=dialogue": 0.8}, {"frame=business": 0.5}, {}, {}]
    found = strongest(_PASSAGES, ["frame=dialogue", "frame=business"], carried)
    assert [passage.text for passage in found] == ["passage 0", "passage 2", "passage 1"]


def test_absent_needs_no_evidence() -> None:
    carried = [{"us=absent": 0.99, "relations=absent": 0.99}] * 5
    assert strongest(_PASSAGES, ["us=absent", "relations=absent"], carried) == ()


def test_there_are_at_most_three() -> None:
    carried = [{"us=hostile": 0.5}] * 5
    assert len(strongest(_PASSAGES, ["us=hostile"], carried)) == MAX_EVIDENCE
