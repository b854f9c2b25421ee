"""What a run was computed with: the packages of its environment, and the facts of its host.

The run holds the SHA-256 of the list of packages. The list itself is a file of the spool, which is made once
for an environment, and travels with the run that makes it; decisions/0050-an-environment-is-an-artifact.md
has the reasons.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from runledger import private_files

#: Of a spool: one file for each environment that one of its runs had.
DIRECTORY = ".environments"

TYPE = "environment"

#: numpy-1.26.4.dist-info, PyYAML-5.1-py3.8.egg-info, and the directory of a package that is developed.
_INSTALLED = re.compile(r"(?P<name>[^-]+)(?:-(?P<version>[^-]+))?(?:-py[^-]*)?\.(?:dist|egg)-info")


class Environment(NamedTuple):
    """The packages of a process, and where their list belongs in its spool."""

    #: Each as ``name==version``, sorted.
    packages: List[str]
    spool: str

    @property
    def text(self) -> bytes:
        """The content of the list, which ``pip install -r`` reads."""
        return "".join(f"{package}\n" for package in self.packages).encode("utf-8", "replace")

    @property
    def sha256(self) -> str:
        """The hash of the list, which two environments share that have the same packages."""
        return hashlib.sha256(self.text).hexdigest()

    @property
    def path(self) -> str:
        """Where the list is."""
        return os.path.join(self.spool, DIRECTORY, f"{self.sha256}.txt")

    def is_listed(self) -> bool:
        """Whether a run of this spool has recorded the list."""
        return os.path.exists(self.path)

    def write_list(self) -> None:
        """Makes the list, which shows the next runs that it is recorded. Never raises: without it, the

        next run records it again.
        """
        part = f"{self.path}.{os.getpid()}"
        try:
            private_files.make_directory(os.path.dirname(self.path))
            descriptor = private_files.create(part)
            try:
                os.write(descriptor, self.text)
            finally:
                os.close(descriptor)
            os.replace(part, self.path)
        except OSError:
            pass

    def artifact(self, host: Dict[str, Any], with_packages: bool) -> Dict[str, Any]:
        """What the run records of it, without what is masked."""
        metadata: Dict[str, Any] = {"host": host}
        if with_packages:
            # An equals sign behind a name such as python-jwt would be taken for that of a secret.
            metadata["packages"] = [package.replace("==", " ") for package in self.packages]
        return {
            "type": TYPE,
            "path": self.path,
            "size_bytes": len(self.text),
            "sha256": self.sha256,
            "metadata": metadata,
        }


def of_process(spool: str) -> Environment:
    """The environment of this process. What cannot be read is left out."""
    return Environment(installed(sys.path), spool)


def installed(path: Iterable[str]) -> List[str]:
    """The packages in these directories, each as ``name==version`` with its normalized name, sorted.

    They are read from the names of the directories that installers make: opening the metadata of each
    package takes a hundred times as long. Of two versions of a package the first is imported.
    """
    found: Dict[str, str] = {}
    for directory in path:
        for name, version in _of_directory(directory or os.curdir):
            found.setdefault(re.sub("[-_.]+", "-", name).lower(), version)
    return sorted(f"{name}=={version}" for name, version in found.items())


def _of_directory(directory: str) -> List[Tuple[str, str]]:
    found = []
    try:
        for entry in sorted(os.listdir(directory)):
            match = _INSTALLED.fullmatch(entry)
            if match is not None:
                version = match["version"] or _version(os.path.join(directory, entry))
                if version:
                    found.append((match["name"], version.replace("_", "-")))
    except OSError:  # a file, such as an archive, or not there at all
        pass
    return found


def _version(directory: str) -> Optional[str]:
    try:
        with open(os.path.join(directory, "PKG-INFO"), encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("Version:"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return None


def host(gpus: List[str], proc: str = "/proc") -> Dict[str, Any]:
    """Facts of this machine and interpreter; those that are not known are left out."""
    facts: Dict[str, Any] = {
        "cpu_model": _value(f"{proc}/cpuinfo", "model name") or platform.machine() or None,
        "cpus": os.cpu_count(),
        # Those that the batch system leaves to this process.
        "cpus_usable": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "memory_mb": _megabytes(_value(f"{proc}/meminfo", "MemTotal")),
        "os": " ".join((platform.system(), platform.release(), platform.machine())),
        "distribution": (_value("/etc/os-release", "PRETTY_NAME", "=") or "").strip('"') or None,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "gpus": gpus or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _value(path: str, name: str, sign: str = ":") -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                key, _, value = line.partition(sign)
                if key.strip() == name:
                    return value.strip() or None
    except OSError:
        pass
    return None


def _megabytes(kibibytes: Optional[str]) -> Optional[int]:
    try:
        return round(int((kibibytes or "").split()[0]) * 1024 / 1e6)
    except (IndexError, ValueError):
        return None
