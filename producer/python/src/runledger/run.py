"""A run as the training sees it."""

from __future__ import annotations

import os
import threading
from types import TracebackType
from typing import AbstractSet, Any, Dict, Mapping, Optional, Type, TypeVar, Union

from runledger import interactive, open_runs, process_end, takeover
from runledger.artifact_files import file_facts
from runledger.beginning import Beginning
from runledger.exceptions import (
    ErrorFacts,
    deliberate_end,
    exit_code_of,
    facts_of,
    shown_exit_code,
)
from runledger.json_values import config_values, dumps, error_json, text_of, texts_of
from runledger.metric_line import MetricLines
from runledger.recorder import Recorder
from runledger.recording import ALL, ENDS, NOTHING, STATUSES, never_raises, pass_interruption_on
from runledger.run_values import RunValues
from runledger.settings import Settings
from runledger.writer import ERRORS, METRICS, RUNS

_Value = TypeVar("_Value")


class Run(Recorder):
    """One attempt of a run, as one process records it. Made by ``runledger.init`` and ``join``.

    Every call appends a line to a file and returns. None waits for a network, and none raises: what
    cannot be stored is counted, and the run reports the count. Thread-safe. A forked child may
    continue using the object: what it logs goes into its own file. As a context manager it reports
    the run completed at the end, or records an exception, reports the run failed and lets the
    exception pass.
    """

    #: How many runs this process has begun.
    _begun = 0

    def __init__(
        self,
        run_id: str,
        attempt_id: str,
        settings: Settings,
        recording: str,
        owned: bool,
        speaks: bool = True,
    ) -> None:
        super().__init__(run_id, attempt_id, settings, recording, owned, speaks)
        self._lines = MetricLines()
        #: What this process gave. Objects that set more refer to the run, but the run not to them: a run
        #: to which nothing refers any more is over.
        self._config_values: Dict[str, Any] = {}
        self._summary_values: Dict[str, Any] = {}
        self._end_said = False
        self._thread = threading.get_ident()
        #: Whether the end of the process says nothing about the run, as in an interactive session.
        self._of_session = interactive.is_session()
        #: What the session raised last, and why a training of a library is not over or not well.
        self._raised: Optional[str] = None
        self._trouble: Optional[str] = None
        #: Where the process began it, and the last exception that left its innermost function.
        self._beginning: Optional[Beginning] = None
        self._left_with: Optional[ErrorFacts] = None
        self._left_by_exit = False
        #: Why a program ended a training of a library on purpose.
        self._deliberate: Optional[str] = None
        if recording != NOTHING:
            self._watch()

    def log(
        self,
        metrics: Optional[Mapping[str, Any]] = None,
        step: Optional[int] = None,
        epoch: Optional[float] = None,
        elapsed_seconds: Optional[float] = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Logs metrics of one moment together.

        Values are anything that ``float`` takes, texts of numbers, NaN and infinities included; any
        other value, and any unknown argument, is not recorded and counted as dropped. ``step`` is a
        whole number of 64 bits, ``epoch`` may be a fraction, and ``elapsed_seconds`` counts from
        any moment the training chooses; one that is not valid is left out, and the point is
        recorded.
        """
        if self._recording != ALL:
            return
        try:
            bodies, bad = self._lines.bodies(
                {} if metrics is None else metrics, step, epoch, elapsed_seconds
            )
            writer = self._writer or self._open()
            if bodies:
                writer.append(METRICS, *bodies)
            if more or unknown:
                names = ", ".join(unknown) or "more than four"
                self._lost(METRICS, f"log has no argument named {names}")
            for reason, count in (bad or {}).items():
                writer.drop(METRICS, reason, count)
        except Exception as trouble:
            pass_interruption_on(trouble)
            self._lost(METRICS, f"log: {type(trouble).__name__}")

    @never_raises(RUNS)
    def log_artifact(
        self,
        type: str,
        path: Union[str, os.PathLike[str]],
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Records a file that the run made or used, with its size and the SHA-256 of its content.

        Of a directory it is the size of all files below it and the hash of their manifest; how many
        they are is added to the metadata as ``files``. All is read in this call, a gigabyte in a
        second or two, and stays where it is. A path that cannot be read, one that is neither, and a
        directory of more than 100,000 files are recorded without size and hash.
        """
        if self._recording != ALL:
            return
        _given(type), _given(path)
        try:
            text = os.fsdecode(path)
            facts = file_facts(text)
        except Exception as trouble:  # not a path at all; its text is recorded
            pass_interruption_on(trouble)
            text, facts = text_of(path), None
        artifact: Dict[str, object] = {"type": text_of(type), "path": text_of(text)}
        if facts is None:
            self._open().tell("artifact", f"{text_of(text)} is recorded without size and hash.")
        else:
            artifact["size_bytes"], artifact["sha256"] = facts.size, facts.sha256
            if facts.files is not None:
                metadata = {"files": facts.files, **(config_values(metadata) if metadata else {})}
        if metadata is not None:
            artifact["metadata"] = self._without_secrets(metadata)
        self._append(RUNS, f'"artifact":{dumps(artifact)}')

    @never_raises(ERRORS)
    def log_error(
        self,
        error: Union[BaseException, Type[BaseException], str],
        message: Optional[str] = None,
        traceback: Optional[str] = None,
        step: Optional[int] = None,
    ) -> None:
        """Records an error; the run continues.

        ``error`` is an exception, whose message and traceback are taken where they are not given, or
        the name of a type. The middle of a long traceback is cut.
        """
        if self._recording == NOTHING:
            return
        facts = facts_of(_given(error))
        text = error_json(
            facts.type_name,
            facts.message if message is None else text_of(message),
            facts.traceback if traceback is None else text_of(traceback),
            self._settings.traceback_max_bytes,
        )
        self._append(ERRORS, f'"error":{text}{self._lines.step(step)}')

    @never_raises(RUNS)
    def results(self, results: Mapping[str, Any]) -> None:
        """Records the final results as one set: any values that have a JSON form.

        Each of them is a value of ``summary``, too.
        """
        self.summary.know(_given(results))
        self._record_results(results)

    def _record_results(self, results: object) -> None:
        if self._recording == ALL:
            self._append(RUNS, f'"results":{dumps(self._without_secrets(results))}')

    @property
    def config(self) -> RunValues:
        """The configuration, as far as this process gave it; what is set here is added to it.

        ``run.config["lr"] = 0.1`` and ``run.config.update({...})`` may come long after the start.
        Objects are merged key by key. Of two values that this process gave for one key the later
        one counts, and the change is shown as configuration drift.
        """
        return RunValues(
            "config", self._config_values, self._add_config, self._lost_run, deep=True
        )

    @property
    def summary(self) -> RunValues:
        """The run's summary, such as the best loss so far: the newest value of each name.

        ``run.summary["best"] = 0.9`` and ``run.summary.update({...})`` record them as results.
        """
        return RunValues("summary", self._summary_values, self._record_results, self._lost_run)

    @never_raises(RUNS)
    def add_tags(self, *tags: str) -> None:
        """Adds tags."""
        if self._recording == ALL and tags:
            self._append(RUNS, f'"annotate":{dumps({"add_tags": texts_of(tags)})}')

    @never_raises(RUNS)
    def remove_tags(self, *tags: str) -> None:
        """Removes tags."""
        if self._recording == ALL and tags:
            self._append(RUNS, f'"annotate":{dumps({"remove_tags": texts_of(tags)})}')

    @never_raises(RUNS)
    def set_notes(self, text: str) -> None:
        """Replaces the notes of the run."""
        if self._recording == ALL:
            self._append(RUNS, f'"annotate":{dumps({"notes": text_of(_given(text))})}')

    @never_raises(RUNS)
    def rename(self, name: str) -> None:
        """Renames the run: changes the name that people read and find it by. Its id and key stay the same."""
        if self._recording == ALL:
            text = text_of(_given(name))
            if not text.strip():
                raise ValueError("an empty name")
            self._append(RUNS, f'"annotate":{dumps({"name": text})}')

    @never_raises(RUNS)
    def status(
        self, status: str, reason: Optional[str] = None, exit_code: Optional[int] = None
    ) -> None:
        """Sets the status: pending, running, completed, failed or timeout; the run stays open. In a

        worker, started by a process that has the run open, it does nothing.
        """
        if status not in STATUSES:
            raise ValueError(f"{status!r} is not one of {', '.join(STATUSES)}")
        if self._recording != ALL or not self._speaks:
            return
        self._end_said = status in ENDS
        body = f'"status":"{status}"'
        if exit_code is not None:
            try:
                body += f',"exit_code":{shown_exit_code(exit_code)}'
            except Exception as trouble:  # not a number; the status counts all the same
                pass_interruption_on(trouble)
                self._lost(RUNS, "status: exit_code is not a whole number")
        if reason is not None:
            body += f',"reason":{dumps(text_of(reason))}'
        self._append(RUNS, body)

    @never_raises(RUNS)
    def finish(
        self,
        status: str = "completed",
        exit_code: Optional[int] = None,
        reason: Optional[str] = None,
    ) -> None:
        """Reports how the run ended (completed, failed or timeout) and closes its file. A second

        call does nothing. What is logged later is still recorded, in another file. In a worker it

        closes only the worker's file.
        """
        self._settle(final=True, failed=status != "completed")
        with self._lock:
            if self._finished or self._recording == NOTHING:
                return
            if status not in ENDS:
                raise ValueError(f"{status!r} is not one of {', '.join(ENDS)}")
            if self._failed_rank is not None and status == "completed":
                status, reason = "failed", f"rank {self._failed_rank} failed"
            if self._is_follower and status != "completed":
                self._say_failed(exit_code, reason)
            self.status(status, reason, exit_code)
            self._finished = True
        self._release()

    def _repr_html_(self) -> str:
        """How a notebook shows it: its configuration, summary and metrics, with a line for each."""
        # Only sessions need it.
        from runledger import shown

        return shown.of_run(self)._repr_html_()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        ends = self._owned and not self._finished
        self._end_with(error, uncaught=False)
        if ends and error is not None:
            open_runs.passed_on(self, error)

    def _end_with(self, error: Optional[BaseException], uncaught: bool = True) -> None:
        """Ends the run according to an exception, or without one. Never raises. Only an exception

        that nobody catches ends the process, and has an exit code.
        """
        try:
            self._end_as(error, uncaught)
        except Exception as trouble:  # a user's exception may raise anything itself
            self._end("failed", 1 if uncaught else None, type(error).__name__)
            self._lost(RUNS, f"end: {type(trouble).__name__}")

    def _end_as(self, error: Optional[BaseException], uncaught: bool) -> None:
        code = exit_code_of(error)
        deliberate = None if uncaught else deliberate_end(error)
        if deliberate is not None:
            self._end("completed", None, deliberate)
        elif error is not None and not isinstance(error, SystemExit):
            facts = self._log_raised(error)
            takeover.told(facts, self._settings)
            self._end("failed", code if uncaught else None, facts.type_name)
        elif isinstance(error, SystemExit) and code:
            text = error.code if isinstance(error.code, str) else None
            self._end("failed", code, text or f"SystemExit with code {code}")
        else:
            self._end("completed", code, None)

    def _end(self, status: str, exit_code: Optional[int], reason: Optional[str]) -> None:
        """What happens when the process or block ends: only who began a run ends it.

        Of the ranks of one training rank 0 began it, and any of them can fail it.
        """
        self._settle(final=True, failed=status == "failed")
        if self._is_follower and status == "failed" and not self._finished:
            self._say_failed(exit_code, reason)
        if not self._owned or self._finished:
            self._release()
        elif self._end_said and status == "completed":
            self._finished = True
            self._release()
        elif self._trouble is not None and status == "completed":
            self.finish("failed", exit_code, self._trouble)
        elif self._deliberate is not None and status == "completed":
            self.finish("completed", exit_code, self._deliberate)
        else:
            self.finish(status, exit_code, reason)

    def _left_by(self, error: BaseException) -> None:
        """An exception leaves the function that began the run; it may still be caught."""
        self._left_by_exit = isinstance(error, SystemExit)
        if not self._left_by_exit and deliberate_end(error) is None:
            self._left_with = facts_of(error)

    def _training_is_over(
        self, script_goes_on: bool, functions: int, out_of_reach: AbstractSet[int]
    ) -> bool:
        """Ends the run where the process continues without it; returns whether it did. Its function

        was left by an exception that somebody caught; or it has returned, as have this many
        ``functions`` around it, another run has begun, and nothing refers to the run any more.
        """
        beginning = self._beginning
        if beginning is None or not self._owned or self._of_session or self._finished:
            return False
        beginning.look()
        name = beginning.raised_in(script_goes_on)
        if self._left_by_exit and not script_goes_on:
            # Only the end of the process catches it.
            name = None
        if name is not None and not self._end_said:
            facts, self._left_with = self._left_with, None
            if facts is not None:
                self._log_facts(facts)
            what = "an exception" if facts is None else facts.type_name
            self._end("failed", None, f"{what} left {name}()")
            return True
        if beginning.has_returned(functions) and Run._begun > 1 and id(self) in out_of_reach:
            self._end("completed", None, None)
            return True
        return False

    def _log_raised(self, error: BaseException) -> ErrorFacts:
        facts = facts_of(error)
        self._log_facts(facts)
        return facts

    def _log_facts(self, facts: ErrorFacts) -> None:
        self.log_error(facts.type_name, facts.message, facts.traceback)

    def _say_failed(self, exit_code: Optional[int], reason: Optional[str]) -> None:
        """Reports it whatever this process records, and whatever was reported before."""
        body = f'"status":"failed","reason":{dumps(text_of(reason or "failed"))}'
        if exit_code is not None:
            body += f',"exit_code":{exit_code}'
        self._append(RUNS, body)

    def _was_uncaught(self, error: BaseException) -> None:
        """The exception that left the block of the run has ended the process as well."""
        try:
            facts = facts_of(error)
            if deliberate_end(error) is not None:
                self._log_facts(facts)
            self._say_failed(exit_code_of(error), facts.type_name)
        except Exception as trouble:  # as above
            self._lost(RUNS, f"end: {type(trouble).__name__}")
        self._release()

    def _end_of_session(self) -> None:
        """What happens when a prompt or a kernel ends without a report that the training went well."""
        if self._end_said:
            self._end("completed", None, None)
        else:
            self._end("failed", None, interactive.why_ended(self._trouble or self._raised))

    def _cell_raised(self, error: Optional[BaseException]) -> None:
        """After a cell or a statement of a session, which the session outlives."""
        if error is None or deliberate_end(error) is not None:
            self._raised = None
        else:
            self._raised = f"a cell raised {self._log_raised(error).type_name}"

    def _part_begins(self, what: str) -> None:
        """A training of a library begins: unless it returns, the process does not end well."""
        self._trouble = f"{what} began and did not return"
        self._deliberate = None

    def _part_ends(self) -> None:
        self._trouble = None

    def _part_raised(self, what: str, error: BaseException) -> None:
        self._deliberate = deliberate_end(error)
        if self._deliberate is not None:
            self._trouble = None
            return
        self._trouble = f"{what} raised {self._log_raised(error).type_name}"

    def _lost_run(self, reason: str) -> None:
        self._lost(RUNS, reason)

    def _without_secrets(self, values: object) -> object:
        return self._settings.secrets.masked(config_values(values)).tree

    def _watch(self) -> None:
        process_end.watch(self)

    def _unwatch(self) -> None:
        open_runs.remove(self)
        # It holds frames, and these hold all that the training held.
        self._beginning = None


def _given(value: _Value) -> _Value:
    """The value; None means that there is none, and raises so that the call is counted."""
    if value is None:
        raise TypeError("None was given")
    return value
