"""Asks the process that follows a spool whether it has applied what was there before."""

from __future__ import annotations

import os
import time
import uuid
from contextlib import contextmanager, suppress
from typing import Callable, Iterator

#: One that nobody of this process waits for. Verbs that read wait for it if it is new.
_LEFT = ".mark-end"

_FIRST_PAUSE = 0.0002
_LONGEST_PAUSE = 0.005
_BETWEEN_LOOKS = 0.03


@contextmanager
def put_into(spool: str) -> Iterator[str]:
    """A file in the spool, which the follower removes as its answer. Raises OSError."""
    path = os.path.join(spool, f".mark-{uuid.uuid4().hex}")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield path
    finally:
        with suppress(OSError):
            os.unlink(path)


def leave(spool: str) -> None:
    """Has those who read next wait for what is in the spool now. Raises OSError."""
    path = os.path.join(spool, _LEFT)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    os.utime(path)


def is_answered(
    mark: str, seconds: float, sleep: Callable[[float], None], look: Callable[[], bool]
) -> bool:
    """Waits for the answer, as long as ``look`` says that one can be expected. Whether it came."""
    began = next_look = time.monotonic()
    pause = _FIRST_PAUSE
    while True:
        now = time.monotonic()
        if now >= next_look:
            next_look = now + _BETWEEN_LOOKS
            if not look():
                return not os.path.exists(mark)
        if not os.path.exists(mark):
            return True
        if now - began >= seconds:
            return False
        sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
