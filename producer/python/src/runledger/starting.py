"""How a run begins in a process: again, or as a part of one that another process began."""

from __future__ import annotations

import logging
import os
import sys
import uuid
from types import FrameType
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Sequence, Tuple, Union

from runledger import job_environment, lineage, process_end, ranks, sampling, takeover
from runledger.configuration import absolute
from runledger.identity import (
    IDS,
    RunKey,
    run_id_of_instance,
    run_id_of_key,
    to_text,
    well_formed,
)
from runledger.json_values import text_of, texts_of
from runledger.lineage import Family, Relative
from runledger.metric_line import whole
from runledger.recording import ALL, ERRORS_ONLY, NOTHING
from runledger.run import Run
from runledger.settings import Settings, checked_mode

_LOG = logging.getLogger("runledger")

_DEFAULT_PROJECT = "default"

_joined: Optional[Tuple[int, Tuple[int, int]]] = None


def init(
    experiment: Union[str, int, None] = None,
    dataset: Optional[str] = None,
    method: Optional[str] = None,
    subject: Union[str, int, None] = None,
    cl_info: Optional[str] = None,
    seed: Optional[int] = None,
    *,
    project: Optional[str] = None,
    name: Optional[str] = None,
    config: object = None,
    notes: Optional[str] = None,
    tags: Iterable[str] = (),
    resumed_from_step: Optional[int] = None,
    mode: Optional[str] = None,
    spool: Union[str, os.PathLike[str], None] = None,
    all_ranks: bool = False,
    system: Union[bool, float, None] = None,
) -> Run:
    """Begins an attempt of a run and returns at once.

    A run is named by its key (experiment to seed, at least one of them), whose id is the same each
    time, or by ``project`` and ``name``, where each call begins a separate run. Without any of
    these, and where the environment names an attempt, it is the same as ``join()``.

    A process that was started, by multiprocessing or otherwise, by one with an open run, and that
    begins a run of the same name, is a worker: it joins the attempt and never ends it. Where
    ``runledger exec`` began an attempt of the run with this very key, the process joins that
    attempt.

    ``config`` is a mapping, a dataclass, an ``argparse.Namespace``, anything with ``to_dict()``, or
    an object with attributes; values of keys that look like secrets are masked. ``resumed_from_step`` is the first step that
    this attempt computes again. Of the processes that a launcher started (SLURM, torchrun, MPI) and
    that begin the same run only rank 0 records, and the others only errors, unless ``all_ranks``;
    those that begin other runs are packed trainings, and each records its own.

    ``system``: whether a thread logs what the process and its descendants, the machine and its GPUs
    use, as ``system/...``, or the seconds between two samples (10 by default, which
    ``RUNLEDGER_SYSTEM_SECONDS`` changes, and asks for where nothing is given here).

    Trouble with the spool never raises. ValueError means that the seed or ``mode`` is not valid,
    before the training has begun; a disabled run raises nothing at all.
    """
    told = {"notes": notes, "tags": tags, "resumed_from_step": resumed_from_step}
    return begun(
        (experiment, dataset, method, subject, cl_info, seed), project, name, config, told, mode, spool,
        all_ranks, system, sys._getframe(1),
    )


def begun(
    parts: Sequence[object],
    project: Optional[str],
    name: Optional[str],
    config: object,
    told: Mapping[str, Any],
    mode: Optional[str],
    spool: Union[str, os.PathLike[str], None],
    all_ranks: bool,
    system: Union[bool, float, None],
    caller: FrameType,
) -> Run:
    """What ``init`` does.

    ``parts``: those of the key. ``told``: the arguments that only describe the run, with ``slurm``
    for a job that the environment does not have. ``caller``: the frame whose training it is.
    """
    settings, recording = _opened(mode, spool)
    all_ranks = _is_true(all_ranks)
    process_end.next_begins()
    try:
        key = RunKey.of(*parts)
    except ValueError:
        if recording != NOTHING:
            raise
        key = None
    family = lineage.family(settings.spool)
    start = _named(key, project, name)
    nameless = key is None and name is None and project is None
    relative = _relative(family, None if nameless else (key, start))
    if relative is not None and not family.is_self and not (nameless and family.given):
        run = _worker(relative, settings, recording, all_ranks, spool is None)
        run.config.know(config)
        if nameless:
            _add(run, told, config)
        return run
    offered = takeover.offer(family, settings) if recording == ALL else None
    if nameless and family.given and _is_first_to_join(family.given):
        run = _join(family, settings, recording, all_ranks, spool is None)
        run.config.know(config)
        if run._recording == ALL:
            _begin(run, {}, told, config)
        if offered is not None:
            offered.taken_by(*family.given)
        sampling.begin(run, system, family)
        return run
    run_id = _id_of(key, start)
    attempt = _given_attempt(family, run_id)
    if relative is not None:
        # This very process began it, and has replaced its program since.
        run_id, attempt = relative.run_id, relative.attempt_id
    joined = attempt is not None and relative is None
    if attempt is None and offered is not None and offered.is_first:
        attempt = offered.attempt_id
    instance = relative.instance if relative else _instance(start)
    begun = Relative(run_id, attempt or IDS.next(), settings.spool, instance)
    run, first = _ranked(
        begun, settings, recording, owned=not joined, all_ranks=all_ranks,
        is_same=lambda one: one.is_named(key, str(start.get("project")), str(start.get("name"))),
    )
    run.config.know(config)
    if run._owned:
        Run._begun += 1
        process_end.began(run, caller)
    if relative is None:
        run._offer = offered
        if run._question is None:
            run._take_over()
    if run._recording == ALL and relative is None and first is None:
        _begin(run, start, told, config)
    sampling.begin(run, system, family)
    return run


def _begin(run: Run, start: Dict[str, object], told: Mapping[str, Any], config: object) -> None:
    start.update(job_environment.start_facts(os.environ))
    start.update(_described(run, **told))
    run._begin(start, config)


def _add(run: Run, told: Mapping[str, Any], config: object) -> None:
    """What a worker, which begins nothing, knows about the attempt."""
    if run._recording == ALL:
        known = _described(run, **told)
        if known or config is not None:
            run._begin(known, config)


def _is_first_to_join(attempt: Tuple[int, int]) -> bool:
    """Of two runs without a name that a process begins, the second is a separate run."""
    global _joined
    if _joined == (os.getpid(), attempt):
        return False
    _joined = (os.getpid(), attempt)
    return True


def _ranked(
    begun: Relative,
    settings: Settings,
    recording: str,
    owned: bool,
    all_ranks: bool,
    is_same: Callable[[Relative], bool],
) -> Tuple[Run, Optional[Relative]]:
    """The run of a process that may be one of several ranks, and what it follows if it is one."""
    rank = ranks.of(os.environ) if recording == ALL else None
    question: Optional[ranks.Question] = None
    failed_rank: Optional[str] = None
    if rank is not None and rank.number > 0:
        question = ranks.Question(rank, settings.spool, is_same)
        answer = question.answer()
        if answer is not None and answer.of is not None:
            # Where a wrapper began an attempt for this rank, its errors belong there.
            ours = answer.of if owned else begun
            ids = to_text(ours.run_id), to_text(ours.attempt_id)
            recorded = ALL if all_ranks else ERRORS_ONLY
            run = Run(*ids, settings, recorded, owned=False, speaks=False)
            run._is_follower = True
            return run, answer.of
        if all_ranks and not owned:
            question = None
    if rank is not None and rank.number == 0 and owned:
        # A rank that failed before this one began may have recorded that already.
        begun, failed_rank = ranks.first_to_record(rank, settings.spool, begun)
    run = Run(to_text(begun.run_id), to_text(begun.attempt_id), settings, recording, owned)
    run._failed_rank = failed_rank
    run._question = question
    run._all_ranks = all_ranks
    if recording != NOTHING:
        run._publish(begun.instance)
    if rank is not None and rank.number == 0:
        ranks.note(rank, settings.spool, begun)
    return run, None


def join(
    *,
    mode: Optional[str] = None,
    spool: Union[str, os.PathLike[str], None] = None,
    all_ranks: bool = False,
) -> Run:
    """Joins the attempt that ``RUNLEDGER_RUN_ID`` and ``RUNLEDGER_ATTEMPT_ID`` name.

    ``Run.env()`` of the process that began it gives these. What is logged goes into a file of this
    process; only ``finish`` ends the run, not the end of this process. Where the environment names
    no attempt, nothing is recorded, and a warning says so. ValueError: ``mode`` is not a mode.
    """
    settings, recording = _opened(mode, spool)
    all_ranks = _is_true(all_ranks)
    family = lineage.family(settings.spool)
    if not family.relatives and family.given is None:
        if recording != NOTHING:
            _LOG.warning(
                "RUNLEDGER_RUN_ID and RUNLEDGER_ATTEMPT_ID do not name an attempt to join; nothing is"
                " recorded."
            )
        return Run(to_text(IDS.next()), to_text(IDS.next()), settings, NOTHING, owned=False)
    run = _join(family, settings, recording, all_ranks, spool is None)
    offered = takeover.offer(family, settings) if run._recording == ALL else None
    if offered is not None:
        # Its run must not be hidden, or not any more: something is logged there.
        offered.taken_by(offered.run_id, offered.attempt_id)
    return run


def joined_run(run_id: int, attempt_id: int, settings: Settings) -> Run:
    """A run that joins an attempt which is known by its ids."""
    recording = NOTHING if settings.mode == "disabled" else ALL
    return Run(to_text(run_id), to_text(attempt_id), settings, recording, owned=False)


def _relative(
    family: Family, named: Optional[Tuple[Optional[RunKey], Mapping[str, object]]]
) -> Optional[Relative]:
    """The newest attempt of an ancestor that has this name; of any name where there is none."""
    for one in reversed(family.relatives):
        if named is None:
            return one
        key, start = named
        if one.is_named(key, str(start.get("project")), str(start.get("name"))):
            return one
    return None


def _given_attempt(family: Family, run_id: int) -> Optional[int]:
    return family.given[1] if family.given is not None and family.given[0] == run_id else None


def _join(
    family: Family, settings: Settings, recording: str, all_ranks: bool, spool_of_attempt: bool
) -> Run:
    if family.given is None:
        return _worker(family.relatives[-1], settings, recording, all_ranks, spool_of_attempt)
    run_id, attempt = family.given
    begun = Relative(run_id, attempt, settings.spool, None)
    run, _ = _ranked(
        begun, settings, recording, owned=False, all_ranks=all_ranks,
        is_same=lambda one: one.run_id == run_id,
    )
    if run._recording == ALL:
        # Sends heartbeats from now on, even when it has nothing to log.
        run._open()
    return run


def _worker(
    relative: Relative, settings: Settings, recording: str, all_ranks: bool, spool_of_attempt: bool
) -> Run:
    """The part of a worker, whose file begins with what it logs first."""
    if spool_of_attempt:
        settings = settings._replace(spool=relative.spool)
    ids = to_text(relative.run_id), to_text(relative.attempt_id)
    recording = _of_rank(relative, settings, recording, all_ranks)
    return Run(*ids, settings, recording, owned=False, speaks=False)


def _of_rank(relative: Relative, settings: Settings, recording: str, all_ranks: bool) -> str:
    """What a worker of a rank records: the same as the rank."""
    rank = ranks.of(os.environ)
    if recording != ALL or all_ranks or rank is None or rank.number == 0:
        return recording
    question = ranks.Question(rank, settings.spool, lambda one: one.run_id == relative.run_id)
    answer = question.answer(final=True)
    return ERRORS_ONLY if answer is not None and answer.is_follower else ALL


def _is_true(value: object) -> bool:
    try:
        return bool(value)
    except Exception:  # a value of the user's own type may do anything
        return False


def _opened(
    mode: Optional[str], spool: Union[str, os.PathLike[str], None]
) -> Tuple[Settings, str]:
    settings = Settings.read(lineage.outer())
    if mode is not None:
        settings = settings._replace(mode=checked_mode(mode))
    if spool is not None:
        try:
            directory = os.fsdecode(spool)
            if not directory or "\0" in directory:
                raise ValueError(directory)
            settings = settings._replace(spool=absolute(directory))
        except Exception as trouble:  # not a path at all: the training continues
            _LOG.warning(
                "spool=... is not a path (%s); %s is used.", type(trouble).__name__, settings.spool
            )
    return settings, NOTHING if settings.mode == "disabled" else ALL


def _named(key: Optional[RunKey], project: Optional[str], name: Optional[str]) -> Dict[str, object]:
    start: Dict[str, object] = {}
    if key is not None:
        start.update((part, value) for part, value in key._asdict().items() if value is not None)
    else:
        project = _DEFAULT_PROJECT if project is None else project
        name = _script() if name is None else name
        start["instance_id"] = str(uuid.uuid4())
    for field, text in (("project", project), ("name", name)):
        if text is not None:
            start[field] = well_formed(_name(field, text))
    return start


def _name(field: str, text: object) -> str:
    try:
        return str(text)
    except Exception as trouble:
        raise ValueError(f"The {field} cannot be converted to a string: {type(trouble).__name__}.") from trouble


def _id_of(key: Optional[RunKey], start: Mapping[str, object]) -> int:
    if key is not None:
        return run_id_of_key(key)
    instance = uuid.UUID(str(start["instance_id"]))
    return run_id_of_instance(str(start["project"]), str(start["name"]), instance)


def _instance(start: Mapping[str, object]) -> Optional[str]:
    instance = start.get("instance_id")
    return None if instance is None else str(instance)


def _script() -> str:
    arguments = getattr(sys, "argv", None) or [""]
    return os.path.splitext(os.path.basename(arguments[0]))[0] or "run"


def _described(
    run: Run,
    notes: Optional[str],
    tags: Iterable[str],
    resumed_from_step: Optional[int] = None,
    slurm: Optional[Mapping[str, object]] = None,
) -> Dict[str, object]:
    facts: Dict[str, object] = {}
    if notes is not None:
        facts["notes"] = text_of(notes)
    words = texts_of(tags)
    if words:
        facts["tags"] = words
    if resumed_from_step is not None:
        try:
            facts["resumed_from_step"] = whole(resumed_from_step)
        except Exception:
            run._lost("runs", "start: resumed_from_step is not a 64-bit integer")
    if slurm is not None:
        facts["slurm"] = dict(slurm)
    return facts
