"""What a rank appended before it knew of rank 0, handed on to the attempt that the ranks record."""

from __future__ import annotations

import json
import re
from typing import List, Optional, Sequence

from runledger.writer import ERRORS, METRICS, RUNS, Writer

#: The keys about the attempt that the rank took for its own.
_OF_THE_ATTEMPT = ("start", "heartbeat", "status", "end")

#: A line of our own, and what it says behind its time and what the first one says of the file.
_LINE = re.compile(
    rb'\{(?:"at":[0-9.]+,)?(?:"locked":true,)?'
    rb'(?:"writer_id":"\w+",)?(?:"run_id":"\w+","attempt_id":"\w+",)?(".*)\}'
)

#: What a start that adds to the configuration of an attempt says, and nothing else.
_CONFIG = {"config", "config_truncated_bytes", "config_sha256", "masked_keys"}


def hand_over(held: Writer, to: Writer, only: Optional[Sequence[str]] = None) -> None:
    """Appends what the first writer holds again, with its times, and removes its file.

    ``only`` names the kinds that are handed over; without it, everything that is not about the attempt.
    """
    held.pass_on(to)
    for line in _lines(held, to):
        try:
            said = json.loads(line)
            body = _LINE.fullmatch(line)
            is_config = "start" in said and set(said["start"]) <= _CONFIG
            is_of_attempt = any(k in said for k in _OF_THE_ATTEMPT) and not is_config
            if not (any(k in said for k in only) if only else not is_of_attempt):
                continue
            at = float(said["at"])
        except (ValueError, KeyError, TypeError):
            body = None
        if body is None:
            to.drop(RUNS, "a line written before rank 0 was known cannot be read")
            continue
        if is_config:
            to.join(body.group(1).decode("utf-8", "replace"), at=at)
            continue
        topic = METRICS if "metrics" in said else ERRORS if "error" in said else RUNS
        to.append(topic, body.group(1).decode("utf-8", "replace"), at=at)
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
