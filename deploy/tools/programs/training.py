"""A training whose losses can be worked out from its inputs: each step takes a part of what is left."""

from typing import Iterator, List


class Diverged(Exception):
    """What a training with a rate of 1 or more ends in."""


def training(rate: float, steps: int) -> Iterator[float]:
    """The loss of each step."""
    loss = 1.0
    for _ in range(steps):
        if abs(1 - rate) >= 1:
            raise Diverged(f"the rate {rate} is too large")
        loss *= 1 - rate
        yield loss


def losses(rate: float, steps: int) -> List[float]:
    return list(training(rate, steps))
