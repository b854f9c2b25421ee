"""Size and hash of a file as they are now."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import Optional, Tuple

_CHUNK = 1 << 20


def size_and_sha256(path: str) -> Optional[Tuple[int, str]]:
    """Bytes and SHA-256 in hex of a regular file; None for anything that cannot be read as one."""
    try:
        # A pipe would be waited for, and a device may have no end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        digest = hashlib.sha256()
        size = 0
        with open(path, "rb", buffering=0) as content:
            while True:
                chunk = content.read(_CHUNK)
                if not chunk:
                    return size, digest.hexdigest()
                size += len(chunk)
                digest.update(chunk)
    except (OSError, ValueError):
        return None
