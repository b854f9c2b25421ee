"""How a run begins in a process: anew, or as a part of one that another process began."""

from __future__ import annotations

import logging
import os
import sys
import uuid
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple, Union

from runledger import job_environment
from runledger.identity import (
    IDS,
    RunKey,
    parse_id,
    run_id_of_instance,
    run_id_of_key,
    to_text,
    well_formed,
)
from runledger.json_values import config_json
from runledger.metric_line import whole
from runledger.recording import ALL, ERRORS_ONLY, NOTHING
from runledger.run import Run
from runledger.settings import Settings, checked_mode

_LOG = logging.getLogger("runledger")

_DEFAULT_PROJECT = "default"


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
) -> Run:
    """Begins an attempt of a run and returns at once.

    A run is named by its key (experiment to seed, at least one of them), whose id is the same each
    time, or by ``project`` and ``name``, where each call begins a run of its own. Without any of
    these, and where the environment names an attempt, it is the same as ``join()``. Where the
    environment names an attempt of the run with this very key, that attempt is taken part in, and
    whoever began it ends it.

    ``config`` is a mapping, a dataclass, an ``argparse.Namespace`` or anything with ``to_dict()``;
    values of keys that look like secrets are masked. ``resumed_from_step`` is the first step that
    this attempt computes anew. Of the processes of one training (SLURM, torchrun) only rank 0
    records, and the others only errors, unless ``all_ranks``.

    Nothing that happens to the spool raises. ValueError says that the seed or ``mode`` cannot be,
    before the training has begun; a disabled run raises nothing at all.
    """
    settings, recording = _opened(mode, spool)
    try:
        key = RunKey.of(experiment, dataset, method, subject, cl_info, seed)
    except ValueError:
        if recording != NOTHING:
            raise
        key = None
    given = _attempt_of_environment()
    if key is None and name is None and project is None and given is not None:
        return _join(given, settings, recording, all_ranks)
    start = _named(key, project, name)
    run_id = _id_of(key, start)
    joined = given is not None and given[0] == run_id
    if recording == ALL and not all_ranks and job_environment.rank(os.environ) > 0:
        recording = ERRORS_ONLY if joined else NOTHING
    attempt = given[1] if joined and given is not None else IDS.next()
    run = Run(to_text(run_id), to_text(attempt), settings, recording, owned=not joined)
    if recording == ALL:
        try:
            start.update(_described(notes, tags, resumed_from_step))
            start.update(job_environment.start_facts(os.environ))
            run._begin(start, _config(config, settings))
        except Exception as trouble:
            run._lost("runs", f"start: {type(trouble).__name__}: {trouble}")
    return run


def join(
    *,
    mode: Optional[str] = None,
    spool: Union[str, os.PathLike[str], None] = None,
    all_ranks: bool = False,
) -> Run:
    """Takes part in the attempt that ``RUNLEDGER_RUN_ID`` and ``RUNLEDGER_ATTEMPT_ID`` name.

    ``Run.env()`` of the process that began it gives these. What is logged goes into a file of this
    process; only ``finish`` ends the run, not the end of this process. Where the environment names
    no attempt, nothing is recorded, and a warning says so. ValueError: ``mode`` is no mode.
    """
    settings, recording = _opened(mode, spool)
    given = _attempt_of_environment()
    if given is None:
        if recording != NOTHING:
            _LOG.warning(
                "RUNLEDGER_RUN_ID and RUNLEDGER_ATTEMPT_ID name no attempt to join; nothing is"
                " recorded."
            )
        recording = NOTHING
        given = (IDS.next(), IDS.next())
    return _join(given, settings, recording, all_ranks)


def joined_run(run_id: int, attempt_id: int, settings: Settings) -> Run:
    """A run that takes part in an attempt which is known by its ids."""
    recording = NOTHING if settings.mode == "disabled" else ALL
    return Run(to_text(run_id), to_text(attempt_id), settings, recording, owned=False)


def _join(given: Tuple[int, int], settings: Settings, recording: str, all_ranks: bool) -> Run:
    if recording == ALL and not all_ranks and job_environment.rank(os.environ) > 0:
        recording = ERRORS_ONLY
    run = Run(to_text(given[0]), to_text(given[1]), settings, recording, owned=False)
    if recording != NOTHING:
        # Beats from now on, also when it has nothing to log.
        run._open()
    return run


def _opened(
    mode: Optional[str], spool: Union[str, os.PathLike[str], None]
) -> Tuple[Settings, str]:
    settings = Settings.read()
    if mode is not None:
        settings = settings._replace(mode=checked_mode(mode))
    if spool is not None:
        settings = settings._replace(spool=os.path.abspath(os.path.expanduser(os.fsdecode(spool))))
    return settings, NOTHING if settings.mode == "disabled" else ALL


def _attempt_of_environment() -> Optional[Tuple[int, int]]:
    run, attempt = os.environ.get("RUNLEDGER_RUN_ID"), os.environ.get("RUNLEDGER_ATTEMPT_ID")
    if not run or not attempt:
        return None
    try:
        return parse_id(run), parse_id(attempt)
    except ValueError as trouble:
        _LOG.warning("RUNLEDGER_RUN_ID or RUNLEDGER_ATTEMPT_ID: %s A new attempt is begun.", trouble)
        return None


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
            start[field] = well_formed(str(text))
    return start


def _id_of(key: Optional[RunKey], start: Mapping[str, object]) -> int:
    if key is not None:
        return run_id_of_key(key)
    instance = uuid.UUID(str(start["instance_id"]))
    return run_id_of_instance(str(start["project"]), str(start["name"]), instance)


def _script() -> str:
    arguments = getattr(sys, "argv", None) or [""]
    return os.path.splitext(os.path.basename(arguments[0]))[0] or "run"


def _described(
    notes: Optional[str], tags: Iterable[str], resumed_from_step: Optional[int]
) -> Dict[str, object]:
    facts: Dict[str, object] = {}
    if notes is not None:
        facts["notes"] = str(notes)
    words = [tags] if isinstance(tags, str) else [str(tag) for tag in tags or ()]
    if words:
        facts["tags"] = words
    if resumed_from_step is not None:
        facts["resumed_from_step"] = whole(resumed_from_step)
    return facts


def _config(config: Any, settings: Settings) -> str:
    if config is None:
        return ""
    return config_json(config, settings.secret_keys, settings.config_max_bytes)
