"""What NVIDIA's GPUs do: from NVML where the package nvidia-ml-py is installed, else from ``nvidia-smi``."""

from __future__ import annotations

import importlib
import logging
import math
import shutil
import subprocess
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional

_LOG = logging.getLogger("runledger")

#: Longer than a healthy driver needs with eight GPUs that have to wake up.
_SMI_SECONDS = 5.0

#: After trouble the GPUs are left alone for a while: a hung driver should not collect processes.
_PAUSE_SECONDS = 600.0

_MEGABYTE = 1e6
_MEBIBYTE = 1 << 20

_OF_NVML: Dict[str, Callable[[Any, Any], Any]] = {
    "utilization_percent": lambda nvml, gpu: nvml.nvmlDeviceGetUtilizationRates(gpu).gpu,
    "memory_used_mb": lambda nvml, gpu: nvml.nvmlDeviceGetMemoryInfo(gpu).used / _MEGABYTE,
    "temperature_c": lambda nvml, gpu: nvml.nvmlDeviceGetTemperature(gpu, 0),
    "power_w": lambda nvml, gpu: nvml.nvmlDeviceGetPowerUsage(gpu) / 1e3,
}

_QUERY = "index,uuid,name,utilization.gpu,memory.used,temperature.gpu,power.draw"


class Gpu(NamedTuple):
    """One GPU, and what is known of it, by the last part of the metric's name."""

    #: As ``nvidia-smi`` numbers it.
    number: int
    uuid: str
    name: str
    values: Dict[str, float]


def visible(gpus: List[Gpu], cuda_visible_devices: Optional[str]) -> List[Gpu]:
    """Those that CUDA shows to the training: as CUDA reads the variable, with GPUs in the order of their

    PCI bus. What is behind an entry that names none of them is not seen either.
    """
    if cuda_visible_devices is None:
        return gpus
    seen: List[Gpu] = []
    for word in cuda_visible_devices.split(","):
        named = [gpu for gpu in gpus if _is_named(gpu, word.strip())]
        if len(named) != 1 or named[0] in seen:
            break
        seen += named
    return sorted(seen)


def _is_named(gpu: Gpu, word: str) -> bool:
    if word.isdigit():
        return int(word) == gpu.number
    # The older names of the parts of a divided GPU begin with the whole one's.
    word = word[len("MIG-") :].partition("/")[0] if word.startswith("MIG-GPU-") else word
    return word.startswith("GPU-") and gpu.uuid.startswith(word)


def of_text(text: str) -> List[Gpu]:
    """What ``nvidia-smi`` printed; a value in brackets is not known."""
    gpus = []
    for line in text.splitlines():
        words = [word.strip() for word in line.split(",")]
        if len(words) != 7 or not words[0].isdigit():
            continue
        names = ("utilization_percent", "memory_used_mb", "temperature_c", "power_w")
        values: Dict[str, float] = {}
        for name, word in zip(names, words[3:]):
            number = _number(word)
            if number is not None:
                values[name] = number * _MEBIBYTE / _MEGABYTE if name == "memory_used_mb" else number
        gpus.append(Gpu(int(words[0]), words[1], words[2], values))
    return gpus


def _number(word: str) -> Optional[float]:
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class Gpus:
    """The GPUs of this machine. ``cancel`` may be called by any thread, the rest by one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._paused_until = -math.inf
        self._nvml: Any = None
        self._is_first = True
        self._running: Optional[subprocess.Popen[str]] = None

    def now(self) -> List[Gpu]:
        """All of them; none where there are none, or none that answer. May take some seconds."""
        if self._clock() < self._paused_until or self._is_hung():
            return []
        try:
            if self._is_first:
                self._is_first = False
                self._nvml = _opened_nvml()
            return self._of_smi() if self._nvml is None else _of_nvml(self._nvml)
        except Exception as trouble:  # NVML has its own exceptions
            self._paused_until = self._clock() + _PAUSE_SECONDS
            _LOG.info("Cannot query the GPUs (%s); trying again later.", trouble)
            return []

    def cancel(self) -> None:
        """Ends a question that is under way."""
        running = self._running
        if running is not None:
            running.kill()

    def _is_hung(self) -> bool:
        """Whether the last question is still there, though it was killed: in the driver nothing can be."""
        if self._running is not None and self._running.poll() is not None:
            self._running = None
        return self._running is not None

    def _of_smi(self) -> List[Gpu]:
        path = shutil.which("nvidia-smi")
        if path is None:
            self._paused_until = math.inf
            return []
        # With a whole path and with no descriptor to close, the process is not copied to start another one:
        # a copy of a large training takes long, and holds up its threads.
        running = self._running = subprocess.Popen(
            [path, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            close_fds=False, encoding="utf-8", errors="replace",
        )
        try:
            said, _ = running.communicate(timeout=_SMI_SECONDS)
        finally:
            running.kill()
            if running.stdout is not None:
                running.stdout.close()
        gpus = of_text(said)
        if not gpus:
            raise RuntimeError(f"nvidia-smi exited with code {running.returncode}")
        return gpus


def _opened_nvml() -> Any:
    try:
        nvml = importlib.import_module("pynvml")
        nvml.nvmlInit()
        return nvml
    except Exception:  # not installed, or without a driver
        return None


def _of_nvml(nvml: Any) -> List[Gpu]:
    gpus = []
    for index in range(nvml.nvmlDeviceGetCount()):
        gpu = nvml.nvmlDeviceGetHandleByIndex(index)
        values: Dict[str, float] = {}
        for name, value in _OF_NVML.items():
            try:
                values[name] = float(value(nvml, gpu))
            except Exception:  # not every GPU knows each of them
                continue
        uuid, model = nvml.nvmlDeviceGetUUID(gpu), nvml.nvmlDeviceGetName(gpu)
        gpus.append(Gpu(index, _text(uuid), _text(model), values))
    return gpus


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
