"""What a rank appended before it knew of rank 0, handed on to the attempt of rank 0."""

from __future__ import annotations

import json
from typing import List

from runledger.writer import ERRORS, METRICS, RUNS, Writer

#: Said of the attempt that the rank thought to be its own.
_OF_THE_ATTEMPT = ("start", "heartbeat", "status", "end")

#: Said of the file.
_OF_THE_FILE = ("at", "locked", "writer_id", "run_id", "attempt_id")


def hand_over(held: Writer, to: Writer) -> None:
    """Appends again, with their times, what the first writer holds, and takes its file away."""
    held.pass_on(to)
    for line in _lines(held, to):
        try:
            said = json.loads(line)
            if any(kind in said for kind in _OF_THE_ATTEMPT):
                continue
            at = float(said["at"])
        except (ValueError, KeyError, TypeError):
            to.drop(RUNS, "a line from before rank 0 was known cannot be read")
            continue
        topic = METRICS if "metrics" in said else ERRORS if "error" in said else RUNS
        event = {name: value for name, value in said.items() if name not in _OF_THE_FILE}
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        to.append(topic, body[1:-1], at=at)
    for (topic, reason), count in held.untold().items():
        to.drop(topic, reason, count)
    held.discard()


def _lines(held: Writer, to: Writer) -> List[bytes]:
    if not any(held.events.values()):
        return []
    try:
        with open(held.file.path, "rb") as file:
            return file.read().splitlines()
    except OSError as trouble:
        for topic, count in held.events.items():
            if count:
                to.drop(topic, f"the spool cannot be read: {trouble.strerror}", count)
        return []
