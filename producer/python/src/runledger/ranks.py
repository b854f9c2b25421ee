"""The processes that a launcher starts side by side: ranks of one training, or separate trainings.

Ranks that begin the same run are one training, of which rank 0 records. Ranks that begin other runs
than rank 0 are trainings that were packed into one job, and each records its own. Rank 0 notes in the
spool what it began, which the others compare with; a rank that does not know yet appends to a file
that no sender takes, until it does. deploy/docs/decisions/0029-ranks-and-packed-tasks.md has the reasons.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from typing import Callable, List, Mapping, NamedTuple, Optional
from uuid import UUID

from runledger import private_files, this_process
from runledger.identity import parse_id, to_text
from runledger.lineage import Relative

#: Where processes of this spool find each other.
DIRECTORY = ".ranks"

#: Rank 0 may be a little behind, when all begin one run after another.
_SECONDS_FOR_ANOTHER_RUN = 10.0

#: And it may begin its first run later than the others.
_SECONDS_FOR_ANY_RUN = 30.0

_KEPT_SECONDS = 7 * 86_400


class Rank(NamedTuple):
    """The place of this process among those that were started with it."""

    number: int
    #: What only these processes have in common.
    group: str
    #: Whether the launcher starts nothing but ranks of one training.
    is_of_training: bool
    #: How often the same launcher has started the group again.
    life: str = "0"

    def directory(self, spool: str) -> str:
        """Where the processes of the group find each other."""
        name = hashlib.sha256(self.group.encode("utf-8", "replace")).hexdigest()[:24]
        return os.path.join(spool, DIRECTORY, name)


def of(environment: Mapping[str, str]) -> Optional[Rank]:
    """The rank of this process; None where it is alone.

    torchrun counts over all nodes and comes first: under srun it is itself a task.
    """
    get = environment.get
    number = _one_of_many(environment, "RANK", "WORLD_SIZE")
    if number is not None:
        launch = [get(name, "") for name in ("MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID")]
        life = str(_number(get("TORCHELASTIC_RESTART_COUNT")) or 0)
        return Rank(number, "/".join(("torch", *launch, this_process.of_parent())), True, life)
    is_training = "MASTER_ADDR" in environment
    for own, size in (
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
        ("PMI_RANK", "PMI_SIZE"),
        ("MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"),
    ):
        number = _one_of_many(environment, own, size)
        if number is not None:
            launch = [get("PMIX_NAMESPACE") or this_process.of_parent()]
            return Rank(number, "/".join(("mpi", *launch)), is_training)
    number = _one_of_many(environment, "SLURM_PROCID", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS")
    if number is not None:
        job = get("SLURM_JOB_ID") or this_process.of_parent()
        step = [get(n, "") for n in ("SLURM_CLUSTER_NAME", "SLURM_STEP_ID", "SLURM_RESTART_COUNT")]
        return Rank(number, "/".join(("slurm", job, *step)), is_training)
    # Lightning starts the others itself, and sets nothing more for them.
    number = _one_of_many(environment, "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE")
    if number is not None:
        number += _number(get("NODE_RANK")) or 0
        return Rank(number, f"local/{this_process.of_parent()}", True)
    return None


def is_first_of_node(environment: Mapping[str, str]) -> bool:
    """Whether this process is the first on its machine, by its launcher; true where nothing says otherwise."""
    for name in (
        "LOCAL_RANK",
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "MPI_LOCALRANKID",
        "MV2_COMM_WORLD_LOCAL_RANK",
        "SLURM_LOCALID",
    ):
        number = _number(environment.get(name))
        if number is not None:
            return number == 0
    return True


def _one_of_many(environment: Mapping[str, str], own: str, *sizes: str) -> Optional[int]:
    number = _number(environment.get(own))
    many = any((_number(environment.get(size)) or 0) > 1 for size in sizes)
    return number if many else None


def _number(text: Optional[str]) -> Optional[int]:
    try:
        return int(text or "")
    except ValueError:
        return None


class First(NamedTuple):
    """What the first of the ranks to record a run has begun."""

    of: Relative
    #: The number of this rank, where it failed and left the attempt to the others.
    failed_rank: Optional[str] = None


def first_to_record(rank: Rank, spool: str, began: Relative, failed: bool = False) -> First:
    """The attempt of a run that the ranks record into: this rank's, or that of a faster one. The

    first is whichever rank makes the link to its attempt. Never raises: where no link can be made,

    each rank records separately.
    """
    link = f"{to_text(began.attempt_id)} {rank.number}{' failed' if failed else ''}"
    path = os.path.join(rank.directory(spool), f"first-{to_text(began.run_id)}-{rank.life}")
    try:
        private_files.make_directory(os.path.dirname(path))
        try:
            os.symlink(link, path)
        except FileExistsError:
            attempt, maker, *how = os.readlink(path).split(" ")
            if maker == str(rank.number):
                # This rank has begun the run before, and begins another attempt of it.
                _replace(path, link)
                return First(began)
            first = First(began._replace(attempt_id=parse_id(attempt)), maker if how else None)
            if rank.number == 0:
                # Where it begins the run once more, that is another attempt.
                _replace(path, f"{attempt} 0")
            return first
    except (OSError, ValueError):
        pass
    return First(began)


def _replace(path: str, link: str) -> None:
    os.unlink(path)
    os.symlink(link, path)


def note(rank: Rank, spool: str, began: Relative) -> None:
    """Rank 0 has begun a run. Never raises: where it cannot be noted, each rank records separately."""
    line = json.dumps(
        {
            "run": to_text(began.run_id),
            "attempt": to_text(began.attempt_id),
            "instance": began.instance,
        }
    )
    try:
        directory = rank.directory(spool)
        private_files.make_directory(directory)
        _forget_old(os.path.dirname(directory))
        path = os.path.join(directory, "0")
        try:
            descriptor = private_files.create(path)
        except FileExistsError:
            descriptor = private_files.reopen(path)
        try:
            os.write(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        pass


def _forget_old(directory: str) -> None:
    for group in os.scandir(directory):
        if time.time() - group.stat().st_mtime > _KEPT_SECONDS:
            for file in os.scandir(group.path):
                # What is left of a rank that never learned of rank 0 stays.
                if not file.name.endswith(".jsonl"):
                    os.unlink(file.path)
            try:
                os.rmdir(group.path)
            except OSError:
                continue


class Answer(NamedTuple):
    """The role of a rank."""

    is_follower: bool
    #: What rank 0 has begun; None for a follower that found nothing of rank 0.
    of: Optional[Relative] = None


class Question:
    """Whether this rank, which is not rank 0, has begun the same run as rank 0."""

    def __init__(
        self,
        rank: Rank,
        spool: str,
        is_same: Callable[[Relative], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rank = rank
        self.spool = spool
        self._is_same = is_same
        self._clock = clock
        self._asked = clock()

    def answer(self, final: bool = False) -> Optional[Answer]:
        """The answer, or None where the caller must ask again; ``final``: the caller will not ask again."""
        begun = self._begun_by_first()
        for one in reversed(begun):
            if self._is_same(one):
                return Answer(True, one)
        waited = self._clock() - self._asked
        if not final and waited < (_SECONDS_FOR_ANOTHER_RUN if begun else _SECONDS_FOR_ANY_RUN):
            return None
        return Answer(self.rank.is_of_training and not begun)

    def first_to_record(self, began: Relative, failed: bool) -> Optional[Relative]:
        """Where this rank is to record a run that rank 0 has not begun: what another one began; None for its own."""
        first = first_to_record(self.rank, self.spool, began, failed).of
        return None if first == began else first

    def _begun_by_first(self) -> List[Relative]:
        begun = []
        try:
            with open(os.path.join(self.rank.directory(self.spool), "0"), "rb") as notes:
                lines = notes.read().splitlines()
        except (OSError, ValueError):
            return []
        for line in lines:
            try:
                said = json.loads(line)
                instance = said["instance"]
                begun.append(
                    Relative(
                        parse_id(said["run"]),
                        parse_id(said["attempt"]),
                        self.spool,
                        None if instance is None else str(UUID(instance)),
                    )
                )
            except (KeyError, TypeError, ValueError, AttributeError):
                # An incomplete line: it is read again later.
                continue
        return begun
