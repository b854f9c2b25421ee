"""Runs the ``runledger`` command that an installation by pip carries: ``python -m runledger VERB``.

This process becomes the command, which then has its streams, its signals and its exit code.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Optional


def main() -> int:
    """Becomes the command; returns an exit code only where it cannot."""
    launcher = find_launcher()
    if launcher is None:
        print(
            "runledger: This installation is the Python package alone, without the command; install"
            " Runledger's wheel with pip, or put bin/runledger of the distribution on PATH.",
            file=sys.stderr,
        )
        return 1
    _undo_what_python_changed()
    try:
        os.execv("/bin/sh", ["sh", launcher, *sys.argv[1:]])
    except OSError as trouble:
        print(f"runledger: Cannot run {launcher} with /bin/sh: {trouble.strerror}.", file=sys.stderr)
        return 1


def find_launcher() -> Optional[str]:
    """The script of the distribution inside of this package, or None where there is no distribution."""
    package = os.path.dirname(os.path.abspath(__file__))
    launcher = os.path.join(package, "_distribution", "bin", "runledger")
    return launcher if os.path.exists(launcher) else None


def _undo_what_python_changed() -> None:
    """Restores what a command run by ``exec`` must not inherit from a Python that it does not know of."""
    # Python ignores these from its start on, and what is ignored stays so in the command.
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    # In the C locale, Python exports another one.
    try:
        with open("/proc/self/environ", "rb") as environment:
            given = environment.read().split(b"\0")
    except OSError:
        return
    if not any(entry.startswith(b"LC_CTYPE=") for entry in given):
        os.environ.pop("LC_CTYPE", None)


if __name__ == "__main__":
    sys.exit(main())
