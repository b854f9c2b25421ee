"""Puts runs into MLflow, for 'runledger export --to mlflow URL'.

    python export_mlflow.py URL

Needs the package mlflow. Reads runs from stdin (runs_from_stdin.py). A run is found again by its tag runledger.run_id.
What MLflow has of it is not written again, so an export that was interrupted, or a run that went on, is completed.
"""

import json
import os
import posixpath
import re
import sys

from runs_from_stdin import Answers, Refusal, export_all

RUN_ID = "runledger.run_id"
#: Written last: a run without it, or with another one, is not complete.
STATE = "runledger.state"
#: What stands before the names of results, as metrics of one point.
RESULTS = "results/"
STATUSES = {
    "pending": "SCHEDULED", "running": "RUNNING", "completed": "FINISHED", "failed": "FAILED", "timeout": "FAILED",
}
KILLED = ("KILLED", "MLflow says KILLED")
#: What a stored infinity comes back as from MLflow's databases.
LARGEST = 1.7976931348623157e308


def millis(seconds):
    return max(0, int(seconds * 1000)) if seconds is not None else 0


def text(value):
    """A parameter's value: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def same(value):
    """A value as it comes back: NaN is equal to itself here, and infinities are the largest numbers."""
    if value != value:
        return "NaN"
    return max(-LARGEST, min(LARGEST, value))


class Target:
    """A store of MLflow."""

    def __init__(self, url):
        import mlflow
        from mlflow import entities
        from mlflow.utils import validation

        self.entities = entities
        self.client = mlflow.MlflowClient(tracking_uri=url)
        self.most_metrics = validation.MAX_METRICS_PER_BATCH
        self.most_others = validation.MAX_PARAMS_TAGS_PER_BATCH
        self.longest_key = validation.MAX_ENTITY_KEY_LENGTH
        self.longest_param = validation.MAX_PARAM_VAL_LENGTH
        self.longest_tag = validation.MAX_TAG_VAL_LENGTH
        self.experiments = {}
        self.renamed, self.cut, self.changed, self.deleted = set(), set(), set(), set()
        # Fails now if nobody answers there.
        self.client.search_experiments(max_results=1)

    def experiment(self, name):
        if name not in self.experiments:
            found = self.client.get_experiment_by_name(name)
            if found is None:
                try:
                    self.experiments[name] = self.client.create_experiment(name)
                    return self.experiments[name]
                except Exception:
                    # Another process may have made it.
                    found = self.client.get_experiment_by_name(name)
                    if found is None:
                        raise
            if found.lifecycle_stage != "active":
                raise Refusal(f"The experiment '{name}' is deleted in MLflow; restore it there, or delete it for good.")
            self.experiments[name] = found.experiment_id
        return self.experiments[name]

    def find(self, experiment, run_id):
        found = self.client.search_runs(
            [experiment], f"tags.`{RUN_ID}` = '{run_id}'", run_view_type=self.entities.ViewType.ALL, max_results=1,
        )
        return found[0] if found else None

    def name(self, name):
        """A name that MLflow takes."""
        fitting = re.sub(r"[^\w.\-/ :]", "_", name)[: self.longest_key]
        normal = posixpath.normpath(fitting)
        if normal != fitting or fitting in ("", ".") or fitting.startswith(("..", "/")):
            fitting = re.sub(r"[/.]", "_", fitting) or "_"
        if fitting != name:
            self.renamed.add(name)
        return fitting

    def short(self, value, longest, key):
        if len(value) > longest:
            self.cut.add(key)
            return value[: longest - 3] + "..."
        return value

    def remarks(self):
        said = []
        if self.renamed:
            said.append(f"Names that MLflow does not take were changed: {some(self.renamed)}.")
        if self.cut:
            said.append(f"Values that are too long for MLflow were cut: {some(self.cut)}.")
        if self.changed:
            said.append(f"Parameters that changed since the last export keep their value there: {some(self.changed)}.")
        if self.deleted:
            said.append(f"Runs that were deleted in MLflow were not exported again: {some(self.deleted)}.")
        return said


class Run:
    """One run, on its way."""

    def __init__(self, target, line):
        self.target = target
        self.said = line["run"]
        self.state = line["state"]
        key = self.said["key"]
        self.experiment = target.experiment(self.said["project"] or key.get("experiment") or "runledger")
        self.there = target.find(self.experiment, self.said["run_id"])
        self.is_new = self.there is None
        self.known = {}
        self.waiting = []

    def begin(self):
        """What is wanted of it."""
        if not self.is_new:
            if self.there.info.lifecycle_stage == "deleted":
                self.target.deleted.add(self.said["run_id"])
                return "nothing"
            return "nothing" if self.there.data.tags.get(STATE) == self.state else "points"
        self.there = self.target.client.create_run(
            self.experiment, start_time=millis(self.said["created"]), run_name=self.said["name"],
            tags={RUN_ID: self.said["run_id"]},
        )
        return "points"

    @property
    def id(self):
        return self.there.info.run_id

    def known_points(self, metric):
        """The points that MLflow has of a metric: none of a run that was just made."""
        if metric not in self.known:
            has = not self.is_new and metric in self.there.data.metrics
            history = self.target.client.get_metric_history(self.id, metric) if has else []
            self.known = {metric: {(point.step, point.timestamp, same(point.value)) for point in history}}
        return self.known[metric]

    def take(self, line):
        self.add(line["metric"], line["points"])

    def add(self, metric, points):
        metric = self.target.name(metric)
        known = self.known_points(metric)
        for step, seconds, value in points:
            value, at = float(value), millis(seconds)
            if (step, at, same(value)) not in known:
                self.waiting.append(self.target.entities.Metric(metric, value, at, step))
            if len(self.waiting) >= self.target.most_metrics:
                self.flush()

    def flush(self):
        if self.waiting:
            self.target.client.log_batch(self.id, metrics=self.waiting)
            self.waiting = []

    def params(self):
        params = {**self.said["key"], **self.said["params"]}
        there = self.there.data.params
        fitting = {}
        for key, value in params.items():
            name = self.target.name(key)
            value = self.target.short(text(value), self.target.longest_param, key)
            if there.get(name, value) != value:
                self.target.changed.add(key)
            elif name not in there:
                fitting[name] = self.target.entities.Param(name, value)
        self.batches(list(fitting.values()), "params")

    def tags(self):
        said = self.said
        tags = dict(said["key"])
        for tag in said["tags"]:
            name, _, value = tag.partition("=")
            tags[name] = value
        tags.update({
            "mlflow.runName": said["name"], "mlflow.note.content": said["notes"], "mlflow.user": said.get("user"),
            "mlflow.source.name": said.get("command"), "mlflow.source.git.commit": said.get("git_commit"),
            "runledger.status": said["status"], "runledger.status_reason": said["status_reason"],
            "runledger.exit_code": said["exit_code"], "runledger.host": said.get("host"),
            "runledger.error": error(said),
        })
        for name, value in said["results"].items():
            if not number(value):
                tags[RESULTS + name] = value
        fitting = {}
        for key, value in tags.items():
            if value is not None:
                name = self.target.name(key)
                fitting[name] = self.target.entities.RunTag(
                    name, self.target.short(text(value), self.target.longest_tag, key)
                )
        self.batches(list(fitting.values()), "tags")

    def batches(self, all_of_them, what):
        for start in range(0, len(all_of_them), self.target.most_others):
            self.target.client.log_batch(self.id, **{what: all_of_them[start : start + self.target.most_others]})

    def end(self):
        said = self.said
        at = said["finished"] or said["created"]
        for name, value in said["results"].items():
            # Of a run that goes on they may still change, and MLflow would have both.
            if number(value) and said["finished"]:
                self.add(RESULTS + name, [[0, at, value]])
        self.flush()
        self.params()
        self.tags()
        client, status = self.target.client, STATUSES[said["status"]]
        if said["status_reason"] in KILLED and status == "FAILED":
            status = "KILLED"
        if status in ("FINISHED", "FAILED", "KILLED"):
            client.set_terminated(self.id, status, millis(at) if at is not None else None)
        else:
            client.update_run(self.id, status=status)
        client.set_tag(self.id, STATE, self.state)


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def error(said):
    """All errors, oldest first."""
    texts = []
    for each in said["errors"]:
        head = f"{each['type'] or 'Error'}: {each['message'] or ''}".strip()
        texts.append(each["traceback"] or head)
    return "\n\n".join(texts) or None


def some(names):
    shown = ", ".join(sorted(names)[:3])
    return shown + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def main():
    answers = Answers()
    url = sys.argv[1]
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    # It prints where to look at a run, for each of them.
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    try:
        target = Target(url)
    except ImportError:
        raise
    except Exception as trouble:
        answers.refuse(f"MLflow at {url} cannot be used: {trouble}")
    export_all(answers, target, Run, lambda run_id: f"MLflow at {url} did not take run {run_id}")


if __name__ == "__main__":
    main()
