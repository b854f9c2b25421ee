"""Size and hash of a file, or of what is in a directory, as they are now."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import Iterator, List, NamedTuple, Optional, Tuple

_CHUNK = 1 << 20

#: A directory with more is a data set or a mistake, and reading it would take too long; the same in Java.
_MOST_FILES = 100_000


class FileFacts(NamedTuple):
    """What is known of an artifact that could be read."""

    size: int
    sha256: str
    #: How many files a directory has; None for a file.
    files: Optional[int] = None


def file_facts(path: str) -> Optional[FileFacts]:
    """The facts of a regular file or of a directory; None for anything that cannot be read as one.

    The hash of a directory is that of its manifest: for each regular file below it, in the order of
    the bytes of the paths in UTF-8, ``path NUL size NUL sha256 LF``, the path relative and with
    slashes. Links are not followed and, like empty directories, are not in it. directory-vectors.json
    has examples for all languages.
    """
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            return _of_directory(path)
        found = _size_and_sha256(path)
        return None if found is None else FileFacts(*found)
    except (OSError, ValueError):
        return None


def _size_and_sha256(path: str) -> Optional[Tuple[int, str]]:
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


def _of_directory(directory: str) -> Optional[FileFacts]:
    paths: List[bytes] = []
    for path in _files_below(directory):
        if len(paths) == _MOST_FILES:
            return None
        # ValueError: not every system has names that are texts.
        paths.append(path.encode("utf-8"))
    manifest = hashlib.sha256()
    total = 0
    for name in sorted(paths):
        found = _size_and_sha256(os.path.join(directory, name.decode("utf-8")))
        if found is None:
            return None
        size, sha256 = found
        total += size
        manifest.update(b"%s\0%d\0%s\n" % (name, size, sha256.encode()))
    return FileFacts(total, manifest.hexdigest(), len(paths))


def _files_below(directory: str) -> Iterator[str]:
    waiting = [(directory, "")]
    while waiting:
        here, before = waiting.pop()
        with os.scandir(here) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{before}{entry.name}/"))
                elif entry.is_file(follow_symlinks=False):
                    yield before + entry.name
