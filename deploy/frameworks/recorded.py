"""What the tests of frameworks share: the runs of a spool, put together from its lines."""

from __future__ import annotations

from typing import Any, Dict, List

from lines import SpoolTest


class Recorded:
    """One attempt, as its lines describe it; they are in the order in which they were appended."""

    def __init__(self) -> None:
        self.run_id = ""
        self.start: Dict[str, Any] = {}
        self.config: Dict[str, Any] = {}
        self.summary: Dict[str, Any] = {}
        self.points: List[Dict[str, Any]] = []
        self.artifacts: List[Dict[str, Any]] = []
        self.errors: List[str] = []
        self.ends: List[str] = []

    def add(self, line: Dict[str, Any]) -> None:
        self.run_id = line.get("run_id", self.run_id)
        if "start" in line:
            self.config.update(line["start"].get("config") or {})
            self.start = {**line["start"], **self.start}
        elif "metrics" in line:
            self.points.append(line)
        elif "artifact" in line:
            self.artifacts.append(line["artifact"])
        elif "error" in line:
            self.errors.append(line["error"]["type"])
        elif "results" in line:
            self.summary.update(line["results"])
        elif "status" in line:
            self.ends.append(" ".join([line["status"], line.get("reason", "")]).strip())

    def series(self, name: str) -> List[float]:
        return [point["metrics"][name] for point in self.points if name in point["metrics"]]

    def steps(self, name: str) -> List[int]:
        return [point.get("step") for point in self.points if name in point["metrics"]]

    def epochs(self, name: str) -> List[float]:
        return [point.get("epoch") for point in self.points if name in point["metrics"]]


class FrameworkTest(SpoolTest):
    """Trains with a real framework, and reads the spool."""

    def attempts(self) -> List[Recorded]:
        """All attempts of the spool, in the order in which they began."""
        found: Dict[str, Recorded] = {}
        for file in self.files():
            attempt = ""
            for line in self.lines(file):
                attempt = line.get("attempt_id", attempt)
                found.setdefault(attempt, Recorded()).add(line)
        return [found[attempt] for attempt in sorted(found)]

    def attempt(self) -> Recorded:
        """The only one."""
        (found,) = self.attempts()
        return found
