"""Whether what a run uses is sampled, and how often."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Union

from runledger.identity import from_text
from runledger.lineage import Family
from runledger.recording import ALL, pass_interruption_on

if TYPE_CHECKING:
    from runledger.run import Run

_LOG = logging.getLogger("runledger")

#: Between two samples, where nothing else is asked for.
_SECONDS = 10.0

#: A sample takes a millisecond or two.
_LEAST_SECONDS = 0.1


def begin(run: Run, system: Union[bool, float, None], family: Family) -> None:
    """Samples what the run uses, if ``system`` or a setting asks for it. Never raises."""
    try:
        seconds = _seconds(system, run._settings.system_seconds)
        if seconds <= 0 or run._recording != ALL or run._sampler is not None:
            return
        given = family.given if family.is_sampled else None
        from runledger.system.sampler import Sampler

        # Where the wrapper of this very attempt samples, two would not agree; what it knows nothing of is
        # recorded all the same.
        is_sampled = given is not None and given[1] == from_text(run.attempt_id)
        run._sampler = Sampler(run, 0 if is_sampled else seconds)
        run._sampler.start()
    except Exception as trouble:
        pass_interruption_on(trouble)
        _LOG.warning("The run's resource usage is not sampled: %s: %s.", type(trouble).__name__, trouble)


def _seconds(system: Union[bool, float, None], of_setting: int) -> float:
    """The seconds between two samples; 0 where there are none."""
    if system is None:
        return of_setting
    if system is True:
        return of_setting or _SECONDS
    seconds = float(system)
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"system={system} is not a number of seconds")
    return max(seconds, _LEAST_SECONDS) if seconds else 0
