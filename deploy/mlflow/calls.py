"""Logs with MLflow's client to the server of MLFLOW_TRACKING_URI, reads it all back, and prints what it read as JSON.

Whatever a call raises is what it answered: the calls after it are made all the same. Names that a server chooses, and times,
are printed as what must hold of them. With the argument "models" it also trains with autologging, which needs scikit-learn.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import warnings
from typing import Any, Callable, Dict, List

warnings.filterwarnings("ignore")
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
os.environ["MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL"] = "0.3"

import mlflow  # noqa: E402
from mlflow.entities import Metric, Param, RunTag  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

observed: Dict[str, Any] = {}


def observe(what: str, call: Callable[[], Any]) -> Any:
    """Notes what a call answers; returns it, None when it raised."""
    try:
        answer = call()
    except Exception as error:  # noqa: BLE001 whatever it is, it is the answer
        code = getattr(error, "error_code", None)
        observed[what] = f"raises {type(error).__name__}" + (f" {code}" if code else "")
        return None
    observed[what] = answer
    return answer


def numbers(metrics: Dict[str, float]) -> Dict[str, str]:
    """As texts, because JSON has no NaN; with all of their digits."""
    return {name: repr(value) for name, value in sorted(metrics.items())}


def names(files: List[Any]) -> List[List[Any]]:
    return sorted([file.path, file.is_dir, file.file_size] for file in files)


def history(client: MlflowClient, run: str, metric: str) -> List[List[Any]]:
    return [[one.step, repr(one.value), one.timestamp > 1_500_000_000_000] for one in client.get_metric_history(run, metric)]


def of_start(tags: Dict[str, str]) -> Dict[str, str]:
    """Without the commit of the directory that this was started in."""
    return {name: value for name, value in sorted(tags.items()) if not name.startswith("mlflow.source.git")}


def experiments(client: MlflowClient) -> Any:
    observe("an unknown experiment", lambda: client.get_experiment_by_name("nobody's"))
    made = observe("set_experiment", lambda: mlflow.set_experiment("calls").name)
    observe("set_experiment again", lambda: mlflow.set_experiment("calls").name)
    experiment = client.get_experiment_by_name(made or "calls")
    observe("the experiment", lambda: [experiment.name, experiment.lifecycle_stage, dict(experiment.tags)])
    observe("its artifacts' scheme", lambda: experiment.artifact_location.split(":")[0])
    observe("set_experiment_tag", lambda: client.set_experiment_tag(experiment.experiment_id, "team", "x"))
    observe("its tag", lambda: client.get_experiment(experiment.experiment_id).tags.get("team"))
    other = client.create_experiment("other", tags={"made": "with a tag"})
    observe("the other's tag", lambda: client.get_experiment(other).tags)
    observe("create_experiment of a name that is taken", lambda: client.create_experiment("calls"))
    observe("all experiments", lambda: sorted(one.name for one in client.search_experiments()))
    observe("experiments by filter", lambda: [one.name for one in client.search_experiments(filter_string="name LIKE 'oth%'")])
    observe("rename_experiment", lambda: client.rename_experiment(other, "renamed"))
    observe("delete_experiment", lambda: client.delete_experiment(other))
    observe("a deleted experiment", lambda: client.get_experiment(other).lifecycle_stage)
    observe("the default experiment", lambda: client.get_experiment("0").name)
    return experiment


def one_run(client: MlflowClient) -> str:
    with mlflow.start_run(run_name="first", description="a note", tags={"team": "x"}) as run:
        one = run.info.run_id
        observe("a new run", lambda: [run.info.status, run.info.lifecycle_stage, run.info.run_name, run.info.end_time])
        observe("its artifacts' place", lambda: run.info.artifact_uri.replace(one, "RUN").replace(run.info.experiment_id, "EXPERIMENT"))
        observe("log_param", lambda: mlflow.log_param("rate", 0.1))
        observe("log_params", lambda: mlflow.log_params({"a": 1, "b": "two", "c": 1.0, "d": 1e-05, "e": True, "f": None, "long": "x" * 6000, "empty": ""}))
        observe("log_param again, the same", lambda: mlflow.log_param("rate", 0.1))
        observe("log_param again, another", lambda: mlflow.log_param("rate", 0.2))
        observe("log_metric", lambda: mlflow.log_metric("loss", 0.5, step=1))
        observe("log_metrics", lambda: mlflow.log_metrics({"loss": 0.4, "acc": 0.9}, step=2))
        for name, value in (("nan", float("nan")), ("large", 1e300), ("small", 5e-324), ("negative zero", -0.0)):
            observe(f"log_metric of {name}", lambda name=name, value=value: mlflow.log_metric(name.replace(" ", "_"), value))
        observe("log_metric of infinity", lambda: mlflow.log_metric("infinity", float("inf"), step=1))
        observe("log_metric, not waited for", lambda: mlflow.log_metric("later", 1.0, step=1, synchronous=False).wait())
        observe("log_metric of a text", lambda: client.log_metric(one, "text", "no number"))
        observe("log_metric of a step beyond 63 bits", lambda: client.log_metric(one, "far", 1.0, step=2**63))
        observe("a name with a line break", lambda: mlflow.log_metric("a\nb", 1.0))
        observe("set_tag", lambda: mlflow.set_tag("gone", "v"))
        observe("set_tags", lambda: mlflow.set_tags({"k": "v", "n": 2}))
        observe("delete_tag", lambda: mlflow.delete_tag("gone"))
        observe("delete_tag of none", lambda: mlflow.delete_tag("never was"))
        now = int(time.time() * 1000)
        observe("log_batch", lambda: client.log_batch(one, [Metric("batch", step / 2, now, step) for step in range(1000)], [Param("p", "1")], [RunTag("t", "1")]))
        observe("the parent of a nested run", lambda: nested(one))
    with mlflow.start_run(run_id=one):
        observe("a resumed run has an end while it goes on", lambda: client.get_run(one).info.end_time is not None)
        observe("log_metric after a resume", lambda: mlflow.log_metric("loss", 0.3, step=3))
        observe("an earlier step", lambda: mlflow.log_metric("loss", 0.7, step=0))
    run = client.get_run(one)
    observe("params", lambda: dict(sorted(run.data.params.items())))
    observe("metrics", lambda: numbers({name: value for name, value in run.data.metrics.items() if name not in ("infinity", "negative_zero")}))
    observe("the metric infinity", lambda: repr(run.data.metrics["infinity"]))
    observe("the metric negative zero", lambda: repr(run.data.metrics["negative_zero"]))
    observe("tags", lambda: of_start(run.data.tags))
    observe("the run at its end", lambda: [run.info.status, run.info.lifecycle_stage, run.info.run_name, run.info.user_id])
    observe("it ended after it began", lambda: run.info.end_time >= run.info.start_time)
    for metric in ("loss", "nan", "infinity", "none"):
        observe(f"the history of {metric}", lambda metric=metric: history(client, one, metric))
    observe("the history of a thousand", lambda: [len(history(client, one, "batch")), history(client, one, "batch")[-1]])
    return one


def nested(parent: str) -> bool:
    with mlflow.start_run(run_name="child", nested=True) as child:
        mlflow.log_metric("c", 1)
    return mlflow.get_parent_run(child.info.run_id).info.run_id == parent


def ends(client: MlflowClient) -> None:
    try:
        with mlflow.start_run(run_name="raises") as run:
            raise ValueError("no")
    except ValueError:
        observe("a run that raised", lambda: client.get_run(run.info.run_id).info.status)
    with mlflow.start_run(run_name="killed") as run:
        pass
    observe("set_terminated", lambda: client.set_terminated(run.info.run_id, "KILLED"))
    observe("a killed run", lambda: client.get_run(run.info.run_id).info.status)
    observe("an unknown run", lambda: client.get_run("0" * 32))
    observe("log to an unknown run", lambda: client.log_metric("0" * 32, "m", 1.0))


def artifacts(client: MlflowClient, run: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "file.txt")
        with open(file, "w", encoding="utf-8") as out:
            out.write("hello")
        observe("log_artifact", lambda: client.log_artifact(run, file))
        observe("log_artifact into a directory", lambda: client.log_artifact(run, file, "sub dir"))
        observe("log_artifacts", lambda: client.log_artifacts(run, directory, "all"))
        observe("log_text", lambda: client.log_text(run, "text", "t.txt"))
        observe("log_dict", lambda: client.log_dict(run, {"a": 1}, "d.json"))
        observe("artifacts", lambda: names(client.list_artifacts(run)))
        observe("artifacts of a directory", lambda: names(client.list_artifacts(run, "sub dir")))
        observe("artifacts of none", lambda: names(client.list_artifacts(run, "nothing")))
        observe("download_artifacts", lambda: open(client.download_artifacts(run, "sub dir/file.txt", directory), encoding="utf-8").read())
        observe("load_text", lambda: mlflow.artifacts.load_text(f"runs:/{run}/t.txt"))
        observe("load_dict", lambda: mlflow.artifacts.load_dict(f"runs:/{run}/d.json"))
        observe("an artifact that is not there", lambda: client.download_artifacts(run, "none.txt", directory))
        observe("an artifact outside", lambda: client.log_artifact(run, file, "../../outside"))


def searches(client: MlflowClient, experiment: str) -> None:
    for i in range(5):
        with mlflow.start_run(run_name=f"of five {i}"):
            mlflow.log_params({"index": i, "kind": "even" if i % 2 == 0 else "odd"})
            mlflow.log_metric("score", i / 10)
            mlflow.set_tag("letter", "edcba"[i])
    with mlflow.start_run(run_name="marks the end"):
        mlflow.log_metric("end", 1)

    def found(filter_string: str, **options: Any) -> List[str]:
        return [run.info.run_name for run in client.search_runs([experiment], filter_string, **options)]

    by_score = {"order_by": ["metrics.score DESC"]}
    for filter_string in (
        "metrics.score > 0.2",
        "metrics.score >= 0.1 and params.kind = 'odd'",
        "params.kind != 'odd' and metrics.score < 1",
        "params.kind LIKE 'ev%'",
        "params.kind ILIKE 'EV%'",
        "attributes.run_name = 'of five 3'",
        "attributes.run_name LIKE 'of five%' and attributes.status = 'FINISHED'",
        "tags.mlflow.runName = 'of five 2'",
        "tags.`team` = 'x'",
        "attributes.run_name IN ('of five 0', 'of five 4')",
        "metrics.none > 0",
        "params.index = '3'",
    ):
        observe(f"runs where {filter_string}", lambda text=filter_string: sorted(found(text, **by_score)))
    for filter_string in ("nonsense", "metrics.score > 'text'", "params.kind = odd", "metrics.score > 0 or params.kind = 'odd'"):
        observe(f"runs where {filter_string}", lambda text=filter_string: found(text))
    observe("ordered by a metric", lambda: found("metrics.score >= 0", order_by=["metrics.score ASC"]))
    observe("ordered by a metric, descending", lambda: found("metrics.score >= 0", **by_score))
    observe("ordered by a param", lambda: found("metrics.score >= 0", order_by=["params.index DESC"]))
    observe("ordered by the start", lambda: found("metrics.score >= 0", order_by=["attributes.start_time ASC"]))
    observe("ordered by a tag", lambda: found("metrics.score >= 0", order_by=["tags.letter ASC"]))
    observe("ordered by the name", lambda: found("metrics.score >= 0", order_by=["tags.mlflow.runName DESC"]))
    observe("a page and the next", lambda: pages(client, experiment))


def pages(client: MlflowClient, experiment: str) -> List[List[str]]:
    read = []
    token = None
    while True:
        page = client.search_runs([experiment], "metrics.score >= 0", order_by=["metrics.score ASC"], max_results=2, page_token=token)
        read.append([run.info.run_name for run in page])
        token = page.token
        if not token:
            return read


def as_table() -> None:
    table = mlflow.search_runs(experiment_names=["calls"])
    observe("columns", lambda: sorted(name for name in table.columns if name.startswith(("params.", "metrics."))))
    observe("rows", lambda: sorted([name, status] for name, status in zip(table["tags.mlflow.runName"], table["status"])))
    observe("types", lambda: {name: str(table[name].dtype) for name in ("metrics.loss", "start_time", "status")})


def changes(client: MlflowClient, run: str, experiment: str) -> None:
    observe("update_run", lambda: client.update_run(run, name="renamed"))
    observe("a renamed run", lambda: client.get_run(run).info.run_name)
    observe("delete_run", lambda: client.delete_run(run))
    observe("a deleted run", lambda: client.get_run(run).info.lifecycle_stage)
    observe("a deleted run is not found", lambda: [one.info.run_name for one in client.search_runs([experiment], "attributes.run_name = 'renamed'")])
    observe("restore_run", lambda: client.restore_run(run))
    observe("a restored run", lambda: client.get_run(run).info.lifecycle_stage)


def data_sets(client: MlflowClient) -> None:
    import numpy

    with mlflow.start_run(run_name="inputs") as run:
        observe("log_input", lambda: mlflow.log_input(mlflow.data.from_numpy(numpy.array([1, 2, 3]), source="somewhere"), context="training"))
    inputs = client.get_run(run.info.run_id).inputs
    observe("inputs", lambda: [[one.dataset.name, one.dataset.digest, one.dataset.source_type, [tag.value for tag in one.tags]] for one in inputs.dataset_inputs])


def registry(client: MlflowClient) -> None:
    observe("registered models", lambda: [one.name for one in client.search_registered_models()])
    observe("create_registered_model", lambda: client.create_registered_model("model").name)


def system_metrics(client: MlflowClient) -> None:
    with mlflow.start_run(run_name="system", log_system_metrics=True) as run:
        time.sleep(2)
    metrics = client.get_run(run.info.run_id).data.metrics
    observe("system metrics", lambda: sorted(name for name in metrics if name.startswith("system/") and "gpu" not in name))
    observe("system metrics come again", lambda: len(client.get_metric_history(run.info.run_id, "system/cpu_utilization_percentage")) > 1)


def autolog(client: MlflowClient) -> None:
    import numpy
    import mlflow.sklearn
    from sklearn.linear_model import LogisticRegression

    mlflow.sklearn.autolog()
    random = numpy.random.default_rng(0)
    features = random.normal(size=(40, 2))
    labels = (features[:, 0] > 0).astype(int)
    model = LogisticRegression().fit(features, labels)
    run = mlflow.last_active_run()
    observe("autolog: status", lambda: run.info.status)
    observe("autolog: params", lambda: dict(sorted(run.data.params.items())))
    observe("autolog: metrics", lambda: numbers(run.data.metrics))
    observe("autolog: tags", lambda: sorted(of_start(run.data.tags)))
    observe("autolog: artifacts", lambda: [name for name, _, _ in names(client.list_artifacts(run.info.run_id))])
    observe("autolog: inputs and outputs", lambda: [len(run.inputs.dataset_inputs), len(run.outputs.model_outputs)])
    model_id = run.outputs.model_outputs[0].model_id
    observe("autolog: the model", lambda: [str(mlflow.get_logged_model(model_id).status), mlflow.get_logged_model(model_id).name])
    observe("autolog: the model's predictions", lambda: bool((mlflow.sklearn.load_model(f"models:/{model_id}").predict(features) == model.predict(features)).all()))


def main() -> None:
    # MLflow itself prints there, too.
    printed, sys.stdout = sys.stdout, sys.stderr
    client = MlflowClient()
    experiment = experiments(client).experiment_id
    run = one_run(client)
    ends(client)
    artifacts(client, run)
    searches(client, experiment)
    as_table()
    changes(client, run, experiment)
    registry(client)
    system_metrics(client)
    if "models" in sys.argv:
        data_sets(client)
        autolog(client)
    json.dump(observed, printed, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
