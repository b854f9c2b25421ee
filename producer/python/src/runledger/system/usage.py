"""What a process tree and its machine use, from /proc of Linux: levels now, and rates since the last sample.

The names, and figures worked out from files of /proc, are in ``system-vectors.json``, which the sampler of
``runledger exec`` is tested with, too. Elsewhere than on Linux only a little of it is known.
"""

from __future__ import annotations

import os
import shutil
import time
from typing import Callable, Dict, List, NamedTuple, Optional, Set, Tuple

#: What the kernel counts processor time in towards programs, whatever it uses inside.
_TICKS_PER_SECOND = 100

_MEGABYTE = 1e6

#: Interfaces whose traffic is that of others as well, or never leaves the machine.
_NOT_COUNTED = ("lo", "docker", "br-", "veth", "virbr", "cni", "ifb", "dummy")


class Usage:
    """Samples of a process with its descendants, and of its machine. Not thread-safe.

    What cannot be read is left out of a sample: a process that has just ended, a file of another user,
    and each rate in the first sample and after a counter got smaller.
    """

    def __init__(
        self,
        process: int,
        directory: Optional[str],
        proc: str = "/proc",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``directory``: the one whose disk is measured."""
        self._process = process
        self._directory = directory
        self._proc = proc
        self._clock = clock
        #: Processes that are not in the tree, so that they are not read at each sample. One that ended, and
        #: whose number a process of the tree got before the next sample, is overlooked.
        self._others: Set[int] = set()
        self._seconds = 0.0
        self._counters: Dict[str, float] = {}
        #: Processor time of the machine in all, and idle.
        self._processors: Optional[Tuple[int, int]] = None

    def now(self, of_machine: bool = True) -> Dict[str, float]:
        """A sample; ``of_machine``: not of the processes alone."""
        levels: Dict[str, float] = {}
        counters: Dict[str, float] = {}
        seconds = self._clock()
        self._add_tree(levels, counters)
        if of_machine:
            self._add_processors(levels)
            self._add_memory(levels)
            self._add_network(counters)
            self._add_disk(levels)
        passed = seconds - self._seconds
        for name, counter in counters.items():
            before = self._counters.get(name)
            if before is not None and counter >= before and passed > 0:
                levels[name] = (counter - before) / passed
        self._seconds, self._counters = seconds, counters
        return levels

    def _add_tree(self, levels: Dict[str, float], counters: Dict[str, float]) -> None:
        tree = self._tree()
        if not tree:
            self._add_this_process(counters)
            return
        # With what its ended children used: it is added to their parent's, and the sum never gets smaller
        # unless a process leaves the tree.
        ticks = sum(facts.ticks for facts in tree.values())
        counters["cpu_percent"] = 100 * ticks / _TICKS_PER_SECOND
        levels["threads"] = sum(facts.threads for facts in tree.values())
        levels["memory_rss_mb"] = sum(self._resident_bytes(number) for number in tree) / _MEGABYTE
        files = [self._bytes_of_disk(number) for number in tree]
        readable = [one for one in files if one is not None]
        if readable:
            counters["disk_read_mb_per_s"] = sum(one[0] for one in readable) / _MEGABYTE
            counters["disk_write_mb_per_s"] = sum(one[1] for one in readable) / _MEGABYTE

    def _add_this_process(self, counters: Dict[str, float]) -> None:
        if self._process == os.getpid():
            used = os.times()
            counters["cpu_percent"] = 100 * sum(used[:4])

    def _tree(self) -> Dict[int, _Process]:
        try:
            numbers = {int(name) for name in os.listdir(self._proc) if name.isdigit()}
        except OSError:
            return {}
        self._others &= numbers
        known: Dict[int, _Process] = {}
        children: Dict[int, List[int]] = {}
        for number in numbers - self._others:
            facts = _process(self._read(f"{number}/stat"))
            if facts is not None:
                known[number] = facts
                children.setdefault(facts.parent, []).append(number)
        tree: Dict[int, _Process] = {}
        waiting = [self._process]
        while waiting:
            number = waiting.pop()
            if number in known and number not in tree:
                tree[number] = known[number]
                waiting += children.get(number, ())
        self._others.update(number for number in known if number not in tree)
        return tree

    def _resident_bytes(self, number: int) -> int:
        return 1024 * _numbers(self._read(f"{number}/status"), "VmRSS").get("VmRSS", 0)

    def _bytes_of_disk(self, number: int) -> Optional[Tuple[int, int]]:
        found = _numbers(self._read(f"{number}/io"), "read_bytes", "write_bytes")
        if len(found) < 2:
            return None
        return found["read_bytes"], found["write_bytes"]

    def _add_processors(self, levels: Dict[str, float]) -> None:
        words = self._read("stat").partition("\n")[0].split()
        if len(words) < 9 or words[0] != "cpu":
            return
        # user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already
        ticks = [int(word) for word in words[1:9]]
        before, self._processors = self._processors, (sum(ticks), ticks[3] + ticks[4])
        if before is not None:
            total, idle = self._processors[0] - before[0], self._processors[1] - before[1]
            if total > 0 and 0 <= idle <= total:
                levels["machine.cpu_percent"] = 100 * (total - idle) / total

    def _add_memory(self, levels: Dict[str, float]) -> None:
        found = _numbers(self._read("meminfo"), "MemTotal", "MemAvailable")
        if len(found) == 2 and found["MemTotal"] > 0:
            used = found["MemTotal"] - found["MemAvailable"]
            levels["machine.memory_used_percent"] = 100 * used / found["MemTotal"]

    def _add_network(self, counters: Dict[str, float]) -> None:
        received, sent, count = 0, 0, 0
        for line in self._read("net/dev").splitlines():
            name, sign, rest = line.partition(":")
            words = rest.split()
            if sign and len(words) >= 9 and not name.strip().startswith(_NOT_COUNTED):
                received, sent, count = received + int(words[0]), sent + int(words[8]), count + 1
        if count:
            counters["machine.net_received_mb_per_s"] = received / _MEGABYTE
            counters["machine.net_sent_mb_per_s"] = sent / _MEGABYTE

    def _add_disk(self, levels: Dict[str, float]) -> None:
        if self._directory is None:
            return
        try:
            disk = shutil.disk_usage(self._directory)
        except OSError:
            return
        # As df says: of what is not kept for root.
        if disk.used + disk.free > 0:
            levels["machine.disk_used_percent"] = 100 * disk.used / (disk.used + disk.free)

    def _read(self, name: str) -> str:
        try:
            with open(f"{self._proc}/{name}", encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:  # the process has ended, or is another user's
            return ""


class _Process(NamedTuple):
    parent: int
    #: Processor time of it and of its ended children.
    ticks: int
    threads: int


def _process(stat: str) -> Optional[_Process]:
    # The name before it is in parentheses and may hold anything.
    words = stat.rpartition(")")[2].split()
    if len(words) < 18:
        return None
    return _Process(int(words[1]), sum(int(word) for word in words[11:15]), int(words[17]))


def _numbers(text: str, *names: str) -> Dict[str, int]:
    """The first number of each line that begins with one of the names and a colon."""
    found: Dict[str, int] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        if name in names:
            found[name] = int(rest.split()[0])
    return found
