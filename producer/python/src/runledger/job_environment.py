"""What is known of the job without asking a service that might not answer."""

from __future__ import annotations

import getpass
import os
import socket
import sys
import time
from typing import Dict, Mapping, Optional, Tuple

from runledger.git_commit import git_commit, has_changes
from runledger.recording import pass_interruption_on

_ALLOCATION = (
    "SLURM_CPUS_ON_NODE",
    "SLURM_CPUS_PER_TASK",
    "SLURM_GPUS_ON_NODE",
    "SLURM_JOB_GPUS",
    "SLURM_JOB_NUM_NODES",
    "SLURM_MEM_PER_NODE",
    "SLURM_NTASKS",
)

#: A sweep of short runs asks git once in a while.
_FRESH_SECONDS = 2.0

#: A directory, when git was asked about it, and what it said.
_asked: Optional[Tuple[str, float, Optional[bool]]] = None


def start_facts(environment: Mapping[str, str]) -> Dict[str, object]:
    """The part of a ``start`` line that describes the job; what is not known is left out."""
    facts: Dict[str, object] = {
        "host": _host(environment),
        "user": _user(),
        "pid": os.getpid(),
        "command": _command(),
        **_checkout(),
        "slurm": _slurm(environment),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _host(environment: Mapping[str, str]) -> Optional[str]:
    name = environment.get("SLURMD_NODENAME") or environment.get("HOSTNAME")
    try:
        return name or socket.gethostname() or None
    except OSError:
        return None


def _user() -> Optional[str]:
    try:
        return getpass.getuser()
    except Exception:  # the exception for an unknown uid is another one in each version
        return None


def _command() -> Optional[str]:
    """The name of the script, without arguments: they may hold secrets."""
    arguments = getattr(sys, "argv", None) or [""]
    return os.path.basename(arguments[0]) or None


def _checkout() -> Dict[str, object]:
    try:
        directory = os.getcwd()
    except OSError:  # it may be gone
        return {}
    commit = git_commit(directory)
    return {} if commit is None else {"git_commit": commit, "git_dirty": _has_changes(directory)}


def _has_changes(directory: str) -> Optional[bool]:
    global _asked
    now = time.monotonic()
    if _asked is None or _asked[0] != directory or now - _asked[1] > _FRESH_SECONDS:
        try:
            answer = has_changes(directory)
        except Exception as trouble:  # a program may have replaced what starts processes
            pass_interruption_on(trouble)
            answer = None
        _asked = (directory, now, answer)
    return _asked[2]


def _slurm(environment: Mapping[str, str]) -> Optional[Dict[str, object]]:
    job = _number(environment, "SLURM_JOB_ID")
    if job is None:
        return None
    facts: Dict[str, object] = {
        "cluster": environment.get("SLURM_CLUSTER_NAME", ""),
        "job_id": job,
        "array_job_id": _number(environment, "SLURM_ARRAY_JOB_ID"),
        "array_task_id": _number(environment, "SLURM_ARRAY_TASK_ID"),
        # Not set at the first start of a job.
        "restart_count": max(0, _number(environment, "SLURM_RESTART_COUNT") or 0),
        "job_name": environment.get("SLURM_JOB_NAME"),
        "partition": environment.get("SLURM_JOB_PARTITION"),
        "account": environment.get("SLURM_JOB_ACCOUNT"),
        "qos": environment.get("SLURM_JOB_QOS"),
        "nodes": environment.get("SLURM_JOB_NODELIST"),
        "procid": _number(environment, "SLURM_PROCID"),
        "allocated": {name: environment[name] for name in _ALLOCATION if name in environment},
    }
    return {name: value for name, value in facts.items() if value is not None}


def _number(environment: Mapping[str, str], name: str) -> Optional[int]:
    try:
        return int(environment.get(name, ""))
    except ValueError:
        return None
