"""Exports to the real MLflow, W&B and TensorBoard, read back by them and by our importers."""

import json
import math
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

from lines import REPOSITORY

COMMAND = REPOSITORY / "deploy" / "cli" / "target" / "runledger" / "bin" / "runledger"

#: One that is complete, one that failed, and one that goes on, of which MLflow and TensorBoard get what there is.
RUNS = [
    """{"at":"2026-11-29T05:00:00.000001Z","writer_id":"00000000000d1","start":{"project":"vision","name":"good ü","instance_id":"00000000-0000-8000-8000-000000000001","config":{"model":{"lr":0.1,"betas":[0.9,0.99]},"epochs":3},"tags":["grid","team=a b"],"notes":"see §3","host":"node1","user":"ada","git_commit":"0123456789abcdef0123456789abcdef01234567"}}
{"at":"2026-11-29T05:00:01.5Z","metrics":{"train/loss":0.1,"f1":NaN},"step":10,"epoch":0.5}
{"at":"2026-11-29T05:00:02.5Z","metrics":{"train/loss":Infinity},"step":20}
{"at":"2026-11-29T05:00:03.5Z","metrics":{"train/loss":-Infinity,"f1":-0.0},"step":30}
{"results":{"best":0.25,"confusion":[[9,1],[0,10]]}}
{"at":"2026-11-29T05:00:04Z","status":"completed","exit_code":0}
{"end":true}
""",
    """{"at":"2026-11-29T06:00:00Z","writer_id":"00000000000d2","start":{"experiment":"7","dataset":"mnist","method":"cnn","seed":3}}
{"at":"2026-11-29T06:00:01Z","metrics":{"loss":0.30000000000000004}}
{"at":"2026-11-29T06:00:02Z","metrics":{"loss":5e-324}}
{"error":{"type":"ValueError","message":"bad shape","traceback":"Traceback (most recent call last):\\nValueError: bad shape"}}
{"at":"2026-11-29T06:00:03Z","status":"failed","exit_code":1}
{"end":true}
""",
    """{"at":"2026-11-29T07:00:00Z","writer_id":"00000000000d3","start":{"project":"vision","name":"going","instance_id":"00000000-0000-8000-8000-000000000003"}}
{"at":"2026-11-29T07:00:01Z","metrics":{"loss":1.0},"step":1}
""",
]

#: What the third one does later.
MORE = """{"at":"2026-11-29T07:00:02Z","metrics":{"loss":0.5},"step":2}
{"at":"2026-11-29T07:00:03Z","status":"completed"}
{"end":true}
"""

#: What MLflow's databases make of an infinity.
LARGEST = 1.7976931348623157e308


def same(value):
    return "NaN" if math.isnan(value) else value


class Exports(unittest.TestCase):

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="runledger-exports-")
        self.addCleanup(self.scratch.cleanup)
        self.directory = Path(self.scratch.name)
        self.spool = self.directory / "a.db.spool"
        self.spool.mkdir(mode=0o700)
        for number, lines in enumerate(RUNS):
            (self.spool / f"job-{number}.jsonl").write_text(lines, encoding="utf-8")
        self.rebuild("a")

    def verb(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNLEDGER_")}
        environment["HOME"] = str(self.directory)
        done = subprocess.run(
            [str(COMMAND), *words], env=environment, capture_output=True, text=True, timeout=600, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stderr

    def rebuild(self, name, spool=None):
        self.verb("rebuild", "--db", str(self.directory / f"{name}.db"), "--spool", str(spool or self.spool))

    def grow(self):
        with open(self.spool / "job-2.jsonl", "a", encoding="utf-8") as file:
            file.write(MORE)
        self.rebuild("a")

    def export(self, tracker, target, *more):
        return self.verb(
            "export", "--db", str(self.directory / "a.db"), "--to", tracker, str(target), "--python", sys.executable,
            *more)

    def rows(self, name, sql):
        with sqlite3.connect(self.directory / f"{name}.db") as database:
            return database.execute(sql).fetchall()

    def imported(self, kind, path):
        spool = self.directory / "b.spool"
        self.verb("import", "--no-send", "--spool", str(spool), kind, str(path))
        self.rebuild("b", spool)

    def server(self):
        """A server of MLflow with a database."""
        with socket.socket() as any_port:
            any_port.bind(("127.0.0.1", 0))
            port = any_port.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{self.directory}/mlflow.db",
             "--host", "127.0.0.1", "--port", str(port), "--workers", "1"],
            cwd=self.directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

        def end():
            os.killpg(process.pid, 15)
            process.wait()

        self.addCleanup(end)
        deadline = time.monotonic() + 240
        while True:
            try:
                urllib.request.urlopen(url + "/health", timeout=5).close()
                return url
            except OSError:
                self.assertLess(time.monotonic(), deadline, "MLflow's server does not answer")
                time.sleep(0.5)

    def test_mlflow_has_each_run_once_with_its_values(self):
        import mlflow

        url = self.server()
        first = self.export("mlflow", url)
        again = self.export("mlflow", url)
        self.grow()
        grown = self.export("mlflow", url)

        self.assertIn(f"3 runs added to {url} (mlflow), 0 updated, 0 there already", first)
        self.assertIn("0 runs added", again)
        self.assertIn("0 updated, 3 there already", again)
        self.assertIn("1 updated, 2 there already", grown)
        client = mlflow.MlflowClient(tracking_uri=url)
        vision = client.get_experiment_by_name("vision").experiment_id
        seven = client.get_experiment_by_name("7").experiment_id
        runs = {run.info.run_name: run for run in client.search_runs([vision, seven])}
        self.assertEqual(3, len(runs))

        good = runs["good ü"]
        self.assertEqual("FINISHED", good.info.status)
        self.assertEqual(1795928400000, good.info.start_time)
        self.assertEqual(1795928404000, good.info.end_time)
        self.assertEqual({"model.lr": "0.1", "model.betas": "[0.9,0.99]", "epochs": "3"}, good.data.params)
        self.assertEqual("a b", good.data.tags["team"])
        self.assertEqual("", good.data.tags["grid"])
        self.assertEqual("see §3", good.data.tags["mlflow.note.content"])
        self.assertEqual("ada", good.data.tags["mlflow.user"])
        self.assertEqual([[9, 1], [0, 10]], json.loads(good.data.tags["results/confusion"]))
        self.assertEqual(0.25, good.data.metrics["results/best"])
        self.assertEqual(
            [(10, 1795928401500, 0.1), (20, 1795928402500, LARGEST), (30, 1795928403500, -LARGEST)],
            self.history(client, good, "train/loss"))
        self.assertEqual([(10, 1795928401500, "NaN"), (30, 1795928403500, 0.0)], self.history(client, good, "f1"))

        failed = next(run for run in runs.values() if run.info.status == "FAILED")
        self.assertIn("ValueError: bad shape", failed.data.tags["runledger.error"])
        self.assertEqual("1", failed.data.tags["runledger.exit_code"])
        for key, value in {"dataset": "mnist", "method": "cnn", "seed": "3"}.items():
            self.assertEqual(value, failed.data.params[key])
            self.assertEqual(value, failed.data.tags[key])
        self.assertEqual([0, 1], [step for step, _, _ in self.history(client, failed, "loss")])
        self.assertEqual(
            [0.30000000000000004, 5e-324], [value for _, _, value in self.history(client, failed, "loss")])

        going = runs["going"]
        self.assertEqual("FINISHED", going.info.status)
        self.assertEqual([1.0, 0.5], [value for _, _, value in self.history(client, going, "loss")])

    def history(self, client, run, metric):
        return [(point.step, point.timestamp, same(point.value))
                for point in client.get_metric_history(run.info.run_id, metric)]

    def test_an_export_to_mlflow_that_was_interrupted_is_completed(self):
        import mlflow

        url = f"sqlite:///{self.directory}/mlflow.db"
        self.export("mlflow", url)
        client = mlflow.MlflowClient(tracking_uri=url)
        vision = client.get_experiment_by_name("vision").experiment_id
        run = next(run for run in client.search_runs([vision]) if run.info.run_name == "good ü")
        client.delete_tag(run.info.run_id, "runledger.state")
        client.log_metric(run.info.run_id, "train/loss", 7.0, timestamp=1, step=0)

        said = self.export("mlflow", url)

        self.assertIn("1 updated, 2 there already", said)
        self.assertEqual([0, 10, 20, 30], [step for step, _, _ in self.history(client, run, "train/loss")])

    def test_wandb_has_each_run_once_and_our_importer_reads_it(self):
        runs = self.directory / "runs"
        first = self.export("wandb-offline", runs)
        again = self.export("wandb-offline", runs)
        self.grow()
        grown = self.export("wandb-offline", runs)

        self.assertIn("2 runs added", first)
        self.assertIn("Runs that have not ended were left out", first)
        self.assertIn("0 runs added", again)
        self.assertIn("1 run added", grown)
        self.assertEqual(3, len(list(runs.glob("wandb/offline-run-*"))))
        self.assertEqual(["wandb"], [path.name for path in runs.iterdir()])
        self.imported("wandb", runs)
        points = """SELECT metric_name, step, coalesce(value, 'NaN'), timestamp FROM metrics
                     WHERE metric_name <> 'epoch' AND step IS NOT NULL AND run_id IN
                           (SELECT run_id FROM runs WHERE project = 'vision') ORDER BY 4, 1"""
        self.assertEqual(self.rows("a", points), self.rows("b", points))
        self.assertEqual(
            [(0, 0.30000000000000004), (1, 5e-324)],
            self.rows("b", """SELECT step, value FROM metrics WHERE run_id IN
                (SELECT run_id FROM runs WHERE project = '7') ORDER BY 1"""))
        self.assertEqual(
            [("completed", 0), ("completed", 0), ("failed", 1)],
            self.rows("b", "SELECT status, exit_code FROM experiment_runs ORDER BY 1, 2"))
        ((config, tags, notes),) = self.rows("b", "SELECT config, tags, notes FROM runs WHERE notes IS NOT NULL")
        self.assertEqual({"model": {"lr": 0.1, "betas": [0.9, 0.99]}, "epochs": 3}, json.loads(config))
        self.assertEqual(["grid", "team=a b"], json.loads(tags))
        self.assertEqual("see §3", notes)
        results = [json.loads(row[0]) for row in self.rows("b", "SELECT results FROM run_results")]
        self.assertIn([[9, 1], [0, 10]], [one.get("confusion") for one in results])
        self.assertTrue(any("ValueError: bad shape" in one.get("runledger/error", "") for one in results))

    def test_tensorboard_reads_what_is_written_for_it(self):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        from tensorboard.plugins.hparams import plugin_data_pb2
        from tensorboard.util import tensor_util

        runs = self.directory / "runs"
        self.assertIn("3 runs added", self.export("tensorboard", runs))
        self.assertIn("3 there already", self.export("tensorboard", runs))
        ((good,),) = self.rows("a", "SELECT printf('%s', run_id) FROM runs WHERE notes IS NOT NULL")
        directory = next(path for path in runs.iterdir() if self.is_run(path, good))
        events = EventAccumulator(str(directory), size_guidance={"tensors": 0})
        events.Reload()

        scalars = events.summary_metadata
        self.assertEqual("scalars", scalars["train/loss"].plugin_data.plugin_name)
        self.assertEqual("text", scalars["runledger/notes"].plugin_data.plugin_name)
        loss = events.Tensors("train/loss")
        self.assertEqual([10, 20, 30], [event.step for event in loss])
        self.assertEqual([1795928401.5, 1795928402.5, 1795928403.5], [event.wall_time for event in loss])
        self.assertEqual(
            [0.1, math.inf, -math.inf], [tensor_util.make_ndarray(event.tensor_proto).item() for event in loss])
        (note,) = events.Tensors("runledger/notes")
        self.assertEqual(["see §3".encode()], list(tensor_util.make_ndarray(note.tensor_proto)))
        start = plugin_data_pb2.HParamsPluginData.FromString(
            scalars["_hparams_/session_start_info"].plugin_data.content).session_start_info
        self.assertEqual(0.1, start.hparams["model.lr"].number_value)
        self.assertEqual("[0.9,0.99]", start.hparams["model.betas"].string_value)
        end = plugin_data_pb2.HParamsPluginData.FromString(
            scalars["_hparams_/session_end_info"].plugin_data.content).session_end_info
        self.assertEqual((1, 1795928404.0), (end.status, end.end_time_secs))

    def is_run(self, path, run_id):
        """Whether a directory is of the run with this number: its name is the number in base 32."""
        digits = "0123456789abcdefghjkmnpqrstvwxyz"
        number = 0
        for character in path.name:
            number = number * 32 + digits.index(character)
        return number == int(run_id)


if __name__ == "__main__":
    unittest.main()
