"""What one process records of one attempt: its file, opened when needed, and safe across forks."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Dict, List, Optional

from runledger import lineage
from runledger.held_lines import hand_over
from runledger.identity import from_text, to_text
from runledger.json_values import dumps
from runledger.lineage import Relative
from runledger.ranks import Question
from runledger.recording import ALL, ERRORS_ONLY, NOTHING
from runledger.settings import Settings
from runledger.stored_config import StoredConfig, stored
from runledger.takeover import Offer
from runledger.writer import ERRORS, RUNS, Writer

if TYPE_CHECKING:
    from runledger.system.sampler import Sampler

_LOG = logging.getLogger("runledger")

#: Bytes of a start line that are kept for what is next to the configuration.
_ROOM = 8_192


class Recorder:
    """The part of a process in an attempt: what it appends goes into its own file."""

    def __init__(
        self,
        run_id: str,
        attempt_id: str,
        settings: Settings,
        recording: str,
        owned: bool,
        speaks: bool = True,
    ) -> None:
        self._run_id = run_id
        self._attempt_id = attempt_id
        self._settings = settings
        self._recording = recording
        #: Whether the end of this process is the end of the run.
        self._owned = owned
        #: Whether this process may report the run's status and end: workers may not.
        self._speaks = speaks
        #: Whether processes that are forked from now on may, too, as scripts of ExperimentDB do.
        self._shared = False
        self._beats = speaks
        self._lock = threading.RLock()
        self._writer: Optional[Writer] = None
        self._dropped_before = 0
        self._finished = False
        #: Set as long as it is not known whether this rank is to record.
        self._question: Optional[Question] = None
        self._errors_while_asking: List[str] = []
        #: Whether a rank records all that it logs, into the attempt of rank 0.
        self._all_ranks = False
        #: Whether this is a rank of a training that rank 0 began, which may fail it.
        self._is_follower = False
        #: A rank that had failed before this one began, whose attempt is recorded into.
        self._failed_rank: Optional[str] = None
        #: The attempt of a wrapper that this run, or that of rank 0, takes over once it is known.
        self._offer: Optional[Offer] = None
        #: Samples what the processes of the run use, where that was asked for.
        self._sampler: Optional[Sampler] = None

    @property
    def run_id(self) -> str:
        """The id of the run, 13 characters."""
        return self._run_id

    @property
    def attempt_id(self) -> str:
        """The id of this attempt, 13 characters, ordered by time."""
        return self._attempt_id

    @property
    def number(self) -> int:
        """The id of the run as the number that the database has."""
        return from_text(self._run_id)

    @property
    def dropped(self) -> int:
        """Events that this process could not store since it began the run."""
        writer = self._writer
        return self._dropped_before + (writer.dropped if writer else 0)

    def __repr__(self) -> str:
        return f"<runledger.Run {self._run_id} attempt {self._attempt_id}>"

    def env(self) -> Dict[str, str]:
        """What a process needs in its environment to take part in this attempt with ``join``."""
        given = {
            lineage.RUN_ID: self._run_id,
            lineage.ATTEMPT_ID: self._attempt_id,
            lineage.SPOOL: self._settings.spool,
        }
        if self._recording == NOTHING:
            given["RUNLEDGER_MODE"] = "disabled"
        return given

    def _begin(self, start: Dict[str, object], config: object) -> None:
        """Writes the start of the run. A part of it that cannot be stored is left out."""
        kept = None if config is None else self._stored(config)
        if kept is not None:
            start = {**start, **kept.said()}
        body = self._start(start, kept)
        for part in ("config", "tags", "notes"):
            if len(body.encode("utf-8", "replace")) < self._settings.record_max_bytes - _ROOM:
                break
            if part == "config" and kept is not None:
                said = kept.said()
                kept, start = None, {n: v for n, v in start.items() if n not in said}
            elif start.pop(part, None) is None:
                continue
            self._lost(RUNS, f"start: the {part} is longer than a record may be")
            body = self._start(start, kept)
        self._open().begin(body)
        self._warn_of_masked(kept)

    def _add_config(self, config: object) -> None:
        """Adds to the configuration of the attempt: a start that names no run, and begins none."""
        kept = self._stored(config) if self._recording == ALL else None
        if kept is not None:
            self._open().join(self._start(kept.said(), kept))
            self._warn_of_masked(kept)

    def _warn_of_masked(self, kept: Optional[StoredConfig]) -> None:
        if kept is not None and kept.masked_keys:
            _LOG.warning(
                "The configuration of run %s is stored without what looks like a secret: %s.",
                self._run_id, ", ".join(kept.masked_keys[:20]),
            )

    def _stored(self, config: object) -> Optional[StoredConfig]:
        settings = self._settings
        most = max(0, min(settings.config_max_bytes, settings.record_max_bytes - 2 * _ROOM))
        try:
            return stored(config, settings.secrets, most)
        except Exception as trouble:
            self._lost(RUNS, f"start: the config cannot be read: {type(trouble).__name__}")
            return None

    @staticmethod
    def _start(start: Dict[str, object], kept: Optional[StoredConfig]) -> str:
        body = dumps(start)
        if kept is not None:
            separator = "," if start else ""
            body = f'{body[:-1]}{separator}"config":{kept.json}}}'
        return f'"start":{body}'

    def _publish(self, instance: Optional[str]) -> None:
        """Children of this process take part in the attempt."""
        lineage.publish(
            lineage.Relative(
                from_text(self._run_id), from_text(self._attempt_id), self._settings.spool, instance
            )
        )

    def _append(self, topic: str, body: str) -> None:
        (self._writer or self._open()).append(topic, body)
        if self._question is not None and topic == ERRORS:
            self._errors_while_asking.append(body)

    def _settle(self, final: bool = False, failed: bool = False) -> None:
        """Checks again whether this rank is to record; what it appended is published or removed.

        ``final``: this is the last time, because the run ends; ``failed``: and it ends badly.
        """
        with self._lock:
            question = self._question
            answer = None if question is None else question.answer(final)
            if question is None or answer is None:
                return
            # Where rank 0 did not begin, only this rank knows what broke the training.
            knows = self._all_ranks or bool(self._errors_while_asking)
            is_alone = answer.of is None and knows
            if answer.is_follower and not is_alone:
                self._question = None
                self._follow(question, answer.of)
                return
            first = question.first_to_record(self._itself(), failed) if self._owned else None
            if first is not None:
                self._question = None
                self._follow(question, first)
            elif not failed or self._all_ranks or not answer.is_follower:
                if self._writer is None or self._writer.show():
                    self._question = None
                    self._take_over()
            else:
                self._question = None
                self._leave_what_failed()
                self._take_over()

    def _itself(self) -> Relative:
        ids = from_text(self._run_id), from_text(self._attempt_id)
        return Relative(*ids, self._settings.spool, None)

    def _leave_what_failed(self) -> None:
        """For a rank that fails before rank 0 began: an attempt for rank 0, if that still begins."""
        held, self._writer = self._writer, None
        self._recording = ERRORS_ONLY
        self._is_follower, self._owned = True, False
        if held is not None:
            hand_over(held, self._open(), ("start", "error"))

    def _follow(self, question: Question, first: Optional[Relative]) -> None:
        writer, self._writer = self._writer, None
        lineage.withdraw(from_text(self._run_id), from_text(self._attempt_id))
        if writer is not None and not self._all_ranks:
            writer.discard()
        self._owned = self._speaks = self._beats = False
        errors, self._errors_while_asking = self._errors_while_asking, []
        if first is None:
            self._recording = NOTHING
            _LOG.warning(
                "Rank %d records nothing: the attempt that rank 0 started is not visible in %s. With"
                " all_ranks=True the rank records on its own.",
                question.rank.number, question.spool,
            )
            return
        self._recording = ALL if self._all_ranks else ERRORS_ONLY
        self._is_follower = True
        self._run_id, self._attempt_id = to_text(first.run_id), to_text(first.attempt_id)
        self._take_over()
        if not self._all_ranks:
            for body in errors:
                self._append(ERRORS, body)
        elif writer is not None:
            hand_over(writer, self._open())

    def _take_over(self) -> None:
        """The wrapper above this process was given no name: what it began is this run."""
        offered, self._offer = self._offer, None
        if offered is not None:
            offered.taken_by(from_text(self._run_id), from_text(self._attempt_id))

    def _open(self) -> Writer:
        with self._lock:
            if self._writer is None:
                question = self._question
                self._writer = Writer(
                    self._run_id,
                    self._attempt_id,
                    self._settings,
                    self._beats,
                    None if question is None else question.rank.directory(question.spool),
                )
                if question is not None:
                    self._writer.before_tending = self._settle
                self._watch()
            return self._writer

    def _release(self) -> None:
        self._settle(final=True)
        with self._lock:
            sampler, self._sampler = self._sampler, None
            if sampler is not None:
                sampler.stop()
            writer, self._writer = self._writer, None
            # What is logged from now on has no process that is expected to continue.
            self._beats = False
            if writer is not None:
                writer.close()
                self._dropped_before += writer.dropped
        self._unwatch()
        lineage.withdraw(from_text(self._run_id), from_text(self._attempt_id))

    def _watch(self) -> None:
        """Ends its part when the process ends."""
        raise NotImplementedError

    def _unwatch(self) -> None:
        raise NotImplementedError

    def _lost(self, topic: str, reason: str) -> None:
        try:
            if self._recording != NOTHING:
                self._open().drop(topic, reason[:200])
        except Exception:  # nothing else is left to try
            _LOG.warning("An event of run %s is lost.", self._run_id, exc_info=True)

    def _after_fork(self) -> None:
        """The child takes part in the run: with its own file, and without ending it."""
        self._lock = threading.RLock()
        self._owned = False
        self._speaks = self._shared
        self._beats = False
        self._dropped_before = 0
        self._sampler = None
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.abandon()
