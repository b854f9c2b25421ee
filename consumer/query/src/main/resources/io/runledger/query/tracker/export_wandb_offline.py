"""Writes runs as offline runs of W&B, for 'runledger export --to wandb-offline DIR'.

    python export_wandb_offline.py DIR

Needs the package wandb, and no network: 'wandb sync DIR/wandb/offline-run-*' uploads them. Reads runs from stdin
(runs_from_stdin.py). A run keeps its id, and a file in its directory says as of what state it is: one that is there as
it is here is left alone, any other is replaced.
"""

import os
import pathlib
import shutil
import sys

from runs_from_stdin import Answers, Refusal, export_all

STATE = ".runledger-export"
ENDS = ("completed", "failed", "timeout")


class Target:
    """A directory of offline runs."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory).absolute()
        self.runs = self.directory / "wandb"
        self.runs.mkdir(parents=True, exist_ok=True)
        # On the same file system, so that a run gets its place in one step.
        self.scratch = self.directory / f".runledger-{os.getpid()}.part"
        self.unended, self.merged = set(), 0

    def find(self, run_id):
        """The directories of a run, of which there should be one at most."""
        return sorted(self.runs.glob(f"offline-run-*-{run_id}"))

    def remarks(self):
        said = []
        if self.unended:
            shown = ", ".join(sorted(self.unended)[:3]) + (" and more" if len(self.unended) > 3 else "")
            said.append(f"Runs that have not ended were left out, because W&B's package ends what it writes: {shown}.")
        if self.merged:
            said.append(f"W&B keeps one value of a metric at a step: {self.merged:,} were replaced by later ones.")
        return said


class Run:
    """One run, on its way."""

    def __init__(self, target, line):
        self.target = target
        self.said = line["run"]
        self.state = line["state"]
        self.before = target.find(self.said["run_id"])
        self.calls = []

    def begin(self):
        """What is wanted of it."""
        if self.said["status"] not in ENDS:
            self.target.unended.add(self.said["run_id"])
            return "nothing"
        for directory in self.before:
            state = directory / STATE
            if not state.exists():
                raise Refusal(f"{directory} was not written by 'runledger export'; choose another directory.")
            if state.read_text().strip() == self.state:
                return "nothing"
        return "calls"

    @property
    def is_new(self):
        return not self.before

    def take(self, line):
        self.calls += line["calls"]

    def rows(self):
        """A row a step, in the order of the steps; a call without one gets the number after the call before it."""
        rows, step = {}, -1
        for call in self.calls:
            step = call["step"] if call["step"] is not None else step + 1
            row = rows.setdefault(step, {})
            values = {name: float(value) for name, value in call["values"].items()}
            self.target.merged += sum(1 for name in values if name in row)
            row.update(values)
            row["_timestamp"] = call["at"]
            if call["epoch"] is not None:
                row.setdefault("epoch", call["epoch"])
        return sorted(rows.items())

    def end(self):
        import wandb

        said = self.said
        began = said["created"] or (self.calls[0]["at"] if self.calls else 0)
        # Its own would be now.
        wandb.Run._start_time = property(lambda run: began, lambda run, ignored: None)
        self.target.scratch.mkdir()
        settings = wandb.Settings(
            mode="offline", console="off", silent=True, disable_git=True, disable_code=True, save_code=False,
            x_disable_stats=True, x_disable_meta=True, x_save_requirements=False,
            host=said.get("host") or "", username=said.get("user") or "", git_commit=said.get("git_commit"),
            program=said.get("command") or "runledger export",
        )
        config = said["config"] if isinstance(said["config"], dict) else {"config": said["config"]}
        run = wandb.init(
            project=said["project"] or said["key"].get("experiment") or "runledger", id=said["run_id"],
            name=said["name"], dir=str(self.target.scratch), config={**said["key"], **(config or {})},
            tags=said["tags"], notes=said["notes"], settings=settings,
        )
        for step, row in self.rows():
            run.log(row, step=step)
        summary = dict(said["results"])
        if said["status_reason"]:
            summary["runledger/status_reason"] = said["status_reason"]
        if said["errors"]:
            summary["runledger/error"] = "\n\n".join(
                each["traceback"] or f"{each['type'] or 'Error'}: {each['message'] or ''}" for each in said["errors"]
            )
        summary["runledger/status"] = said["status"]
        run.summary.update(summary)
        is_failure = said["status"] != "completed"
        run.finish(exit_code=(said["exit_code"] or 1) if is_failure else 0)
        self.place()

    def place(self):
        (made,) = (self.target.scratch / "wandb").glob("offline-run-*")
        (made / STATE).write_text(self.state + "\n")
        for directory in self.before:
            shutil.rmtree(directory)
        made.rename(self.target.runs / made.name)
        shutil.rmtree(self.target.scratch)


def main():
    answers = Answers()
    import wandb  # noqa: F401  (that it is missing is said before anything is read)

    try:
        target = Target(sys.argv[1])
    except OSError as trouble:
        answers.refuse(f"Offline runs cannot be written to {sys.argv[1]}: {trouble}")
    try:
        export_all(answers, target, Run, lambda run_id: f"Run {run_id} could not be written for W&B")
    finally:
        shutil.rmtree(target.scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
