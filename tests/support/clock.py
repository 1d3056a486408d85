"""Time that passes only when somebody sleeps."""

from __future__ import annotations


class SteppedClock:
    """A clock in seconds; `slept` is for how long it was slept on in all."""

    def __init__(self) -> None:
        self.slept = 0.0

    def __call__(self) -> float:
        return 1_000.0 + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
