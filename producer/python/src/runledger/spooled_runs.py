"""What the files of a spool say of the runs that they are about, before any database has them."""

from __future__ import annotations

import os
import re
from typing import Optional

from runledger.identity import from_text, to_text

#: Writers are numbered by time, so these are the newest; a look at each takes some microseconds.
_MOST_FILES = 1000

#: The ids stand in front of whatever else the first line says.
_HEAD = 512
_ATTEMPT = '"run_id":"%s","attempt_id":"([0-9a-z]{13})"'


def last_attempt(spool: str, run_id: int) -> Optional[int]:
    """The attempt for which the newest writer of a run appends; None where no file is about the run."""
    ids = re.compile((_ATTEMPT % to_text(run_id)).encode("ascii"))
    try:
        names = sorted((name for name in os.listdir(spool) if name.endswith(".jsonl")), reverse=True)
    except OSError:
        return None
    for name in names[:_MOST_FILES]:
        try:
            with open(os.path.join(spool, name), "rb", buffering=0) as file:
                found = ids.search(file.read(_HEAD))
        except OSError:  # sent meanwhile, or not ours
            continue
        if found:
            return from_text(found.group(1).decode("ascii"))
    return None
