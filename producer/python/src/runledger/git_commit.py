"""The commit that is checked out, read from the files of git, so that a job need not start a process."""

from __future__ import annotations

import os
import re
from typing import Optional, Tuple

_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")


def git_commit(directory: str) -> Optional[str]:
    """The commit of the checkout that the directory lies in; None outside of one."""
    try:
        found = _repository(os.path.abspath(directory))
        return None if found is None else _head(*found)
    except OSError:
        return None


def _repository(directory: str) -> Optional[Tuple[str, str]]:
    """The directory that holds HEAD, and the one that holds the references of all worktrees."""
    at = directory
    while True:
        git = os.path.join(at, ".git")
        if os.path.isdir(git):
            return git, git
        if os.path.isfile(git):
            line = _first_line(git)
            if line is None or not line.startswith("gitdir: "):
                return None
            linked = os.path.normpath(os.path.join(at, line[len("gitdir: ") :]))
            common = _first_line(os.path.join(linked, "commondir"))
            return linked, linked if common is None else os.path.normpath(
                os.path.join(linked, common)
            )
        above = os.path.dirname(at)
        if above == at:
            return None
        at = above


def _head(git: str, common: str) -> Optional[str]:
    head = _first_line(os.path.join(git, "HEAD"))
    if head is not None and head.startswith("ref: "):
        reference = head[len("ref: ") :]
        head = _first_line(os.path.join(common, reference)) or _packed(common, reference)
    return head if head is not None and _COMMIT.fullmatch(head) else None


def _packed(common: str, reference: str) -> Optional[str]:
    try:
        with open(os.path.join(common, "packed-refs"), encoding="utf-8") as lines:
            for line in lines:
                commit, _, name = line.rstrip("\n").partition(" ")
                if name == reference:
                    return commit
    except (OSError, UnicodeDecodeError):
        pass
    return None


def _first_line(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8") as lines:
            return lines.readline().strip()
    except (OSError, UnicodeDecodeError):
        return None
