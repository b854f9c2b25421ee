"""For Hugging Face's Accelerate: ``Accelerator(log_with=RunledgerTracker(experiment="7"))``.

After an import of this module, ``Accelerator(log_with="runledger")`` does the same, from Accelerate
1.15 on.
"""

from __future__ import annotations

import importlib
from typing import Any, Dict, Optional

from runledger.callbacks._numbers import numbers
from runledger.callbacks._training import harmless, may_name, open_run
from runledger.run import Run
from runledger.starting import init

_tracking: Any = importlib.import_module("accelerate.tracking")
_on_main_process: Any = _tracking.on_main_process


class RunledgerTracker(_tracking.GeneralTracker):  # type: ignore[misc]
    """Logs what ``Accelerator.log`` is given, on the main process.

    Give either a run, which the caller begins and ends, or the arguments of ``runledger.init``:
    then the run begins with ``init_trackers``, and ``end_training`` completes it. Without either,
    what is logged goes to the run that the process has open; where there is none, a run begins in
    the project that ``init_trackers`` names.
    """

    name = "runledger"
    requires_logging_directory = False
    main_process_only = True

    def __init__(
        self, project_name: Optional[str] = None, run: Optional[Run] = None, **options: Any
    ) -> None:
        super().__init__()
        self._run = run
        self._ends_run = False
        self._options = options
        self._project = project_name

    @property
    def tracker(self) -> Optional[Run]:
        """The run; None before ``init_trackers``, and on other than the main process."""
        return self._run

    @_on_main_process  # type: ignore[untyped-decorator]
    def start(self) -> None:
        """Begins the run, if none was given or is open."""
        if self._run is None and not self._options:
            self._run = open_run()
        if self._run is None:
            options = self._options
            if not options and may_name():
                options = {"project": self._project}
            self._run = init(**options)
            self._ends_run = True

    @_on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def store_init_configuration(self, values: Dict[str, Any]) -> None:
        """Adds the values to the configuration."""
        self._begun().config.update(values)

    @_on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def log(self, values: Dict[str, Any], step: Optional[int] = None, **more: Any) -> None:
        """Logs the numbers among the values; ``epoch`` may be one of them, or of ``log_kwargs``."""
        found = numbers(values)
        epoch = more.get("epoch", found.pop("epoch", None))
        if found:
            self._begun().log(found, step=step, epoch=epoch)

    @_on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def finish(self) -> None:
        """Completes the run, if it began here."""
        if self._run is not None and self._ends_run:
            self._run.finish()

    def _begun(self) -> Run:
        # Earlier versions of Accelerate do not call start().
        if self._run is None:
            self.start()
        assert self._run is not None
        return self._run


@harmless
def _register() -> None:
    register = getattr(_tracking, "register_tracker_class", None)
    if register is not None and "runledger" not in _tracking.LOGGER_TYPE_TO_CLASS:
        register(RunledgerTracker)


_register()
