"""MLflow's own server and ours, each with nothing in it, for the tests of this directory."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Callable, Dict, List

#: The command of the distribution.
RUNLEDGER = os.environ["RUNLEDGER_COMMAND_UNDER_TEST"]

_READY_SECONDS = 180
_CALLS_SECONDS = 900


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """Processes that serve MLflow's calls at a URL."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True)
        self.directory = directory
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes: Dict[str, subprocess.Popen] = {}

    def start(self, name: str, *command: str, **settings: str) -> subprocess.Popen:
        with open(self.directory / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self.directory,
                env={**environment(self.directory), **settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._processes[name] = process
        return process

    def process(self, name: str) -> subprocess.Popen:
        return self._processes[name]

    def await_ready(self, path: str) -> None:
        def answers() -> bool:
            try:
                with urllib.request.urlopen(self.url + path, timeout=10):
                    return True
            except (urllib.error.URLError, OSError):
                return False

        self.await_true(answers, f"{self.url} does not answer")

    def await_true(self, condition: Callable[[], bool], failure: str) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not condition():
            if time.monotonic() > deadline or any(one.poll() is not None for one in self._processes.values()):
                logs = "\n".join(log.read_text() for log in self.directory.glob("*.log"))
                raise AssertionError(f"{failure}:\n{logs}")
            time.sleep(0.2)

    def stop(self) -> None:
        for process in reversed(list(self._processes.values())):
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def environment(home: Path) -> Dict[str, str]:
    """Nobody's settings, and a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RUNLEDGER_", "MLFLOW_"))}
    return {**kept, "HOME": str(home), "GIT_PYTHON_REFRESH": "quiet"}


def theirs(directory: Path) -> Server:
    server = Server(directory)
    server.start(
        "server",
        str(Path(sys.executable).with_name("mlflow")),
        "server",
        "--host=127.0.0.1",
        f"--port={server.port}",
        "--workers=1",
        f"--backend-store-uri=sqlite:///{directory}/runs.db",
        f"--artifacts-destination={directory}/artifacts",
    )
    server.await_ready("/health")
    return server


def ours(directory: Path) -> Server:
    """Without a broker: a spool that is followed."""
    server = Server(directory)
    server.start("follow", RUNLEDGER, "follow", "--spool", "runs.db.spool", "--db", "runs.db")
    server.await_true(lambda: (directory / "runs.db").exists(), "runs.db is not created")
    server.start("serve", RUNLEDGER, "serve", "--db", "runs.db", "--port", str(server.port))
    server.await_ready("/api/v1/runs")
    return server


def with_broker(directory: Path) -> Server:
    """A broker, a registry, the service and the page: 'up'."""
    server = Server(directory)
    server.start("up", RUNLEDGER, "up", "--data", "data", RUNLEDGER_WEB_PORT=str(server.port), RUNLEDGER_HEALTH_PORT="0")
    server.await_ready("/api/v1/runs")
    return server


def observed(server: Server, *command: str, **settings: str) -> Dict[str, Any]:
    """What the calls of a client observe there: the JSON that the command prints."""
    done = subprocess.run(
        command,
        cwd=server.directory,
        env={**environment(server.directory), "MLFLOW_TRACKING_URI": server.url, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=_CALLS_SECONDS,
    )
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} at {server.url} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout)
