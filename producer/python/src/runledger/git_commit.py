"""The commit that is checked out, read from the files of git, and whether tracked files differ from it."""

from __future__ import annotations

import os
import re
import shutil
from typing import Optional, Tuple

_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")

#: What a training waits for at most; a few milliseconds are usual.
_SECONDS = 1.0

#: Variables that would lead git to another checkout than the one of the directory.
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")

_was_late = False


def git_commit(directory: str) -> Optional[str]:
    """The commit of the checkout that the directory lies in; None outside of one."""
    try:
        found = _repository(os.path.abspath(directory))
        return None if found is None else _head(*found)
    except OSError:
        return None


def has_changes(directory: str) -> Optional[bool]:
    """Whether tracked files of the checkout differ from its commit; None where that cannot be said in a second.

    Only git can compare them. It takes no lock, writes nothing and starts no monitor. Where it was too
    slow once, the process does not ask again.
    """
    global _was_late
    git = None if _was_late else shutil.which("git")
    if git is None:
        return None
    # Most trainings have it already; those that are in no checkout do not need it.
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    try:
        # With a whole path, no directory and no descriptor to close, the process is not copied to start it.
        status = subprocess.Popen(
            [
                git, "-C", directory, "-c", "core.fsmonitor=false",
                "status", "--porcelain", "--branch", "--untracked-files=no",
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            close_fds=False, env=environment,
        )
    except OSError:
        return None
    try:
        said, _ = status.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        _was_late = True
        return None
    finally:
        status.kill()
        if status.stdout is not None:
            status.stdout.close()
    # A program may ignore how its children end, so that the code of git is lost; it always prints the branch.
    return said.count(b"\n") > 1 if said.startswith(b"## ") else None


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
