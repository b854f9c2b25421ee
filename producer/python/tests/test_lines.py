import argparse
import dataclasses
import enum
import hashlib
import json
import math
import os
import stat
import struct
import unittest
from pathlib import Path
from unittest import mock

import runledger
from lines import SCHEMAS, Grammar, SpoolTest
from runledger.identity import from_text


class Optimizer(enum.Enum):
    ADAM = "adam"


@dataclasses.dataclass
class Model:
    layers: int = 12
    home: Path = Path("/models")


class WithToDict:
    def to_dict(self):
        return {"learning_rate": 5e-5}


class GrammarTest(unittest.TestCase):
    def test_the_checker_of_these_tests_refuses_bad_lines(self):
        for line in (
            {}, {"metrics": {}}, {"metrics": {"a": None}}, {"status": "done"}, {"end": False},
            {"start": {}, "end": True}, {"error": {}}, {"heartbeat": 0}, {"metrics": {"a": "1"}},
            {"run_id": "short", "end": True}, {"status": "failed", "exit_code": 256},
            {"dropped": {"topic": "metric", "count": 1, "reason": ""}},
        ):
            with self.subTest(line):
                self.assertTrue(Grammar().complaints(line))


class LineTest(SpoolTest):
    def test_every_kind_of_line_is_of_the_grammar(self):
        run = runledger.init(
            7, "mnist", "cnn", "s01", "stage-2", 3, project="vision", name="baseline",
            config={"lr": 0.1}, notes="first", tags=("a", "b"), resumed_from_step=10,
        )
        run.log({"loss": 0.71, "f1": 1}, step=100, epoch=1, elapsed_seconds=2.5)
        run.log_artifact("script", __file__, {"epoch": 5})
        run.log_error(ValueError("bad"), step=100)
        run.log_error("CUDAError", "out of memory", "here", step=7)
        run.results({"best": math.inf, "matrix": [[1, 2], [3, 4]]})
        run.add_tags("good", "better")
        run.remove_tags("a")
        run.set_notes("second")
        run.rename("the baseline")
        run.status("running", reason="goes on")
        run._writer.append("runs", '"heartbeat":30')
        run.finish("timeout", exit_code=-15, reason="killed")

        lines = self.lines()

        first = lines[0]
        self.assertEqual((run.run_id, run.attempt_id), (first["run_id"], first["attempt_id"]))
        self.assertEqual(self.files()[0].name, first["writer_id"] + ".jsonl")
        start = first["start"]
        self.assertEqual(
            ("7", "mnist", "cnn", "s01", "stage-2", 3, "vision", "baseline", {"lr": 0.1}, "first",
             ["a", "b"], 10, os.getpid()),
            tuple(start[name] for name in (
                "experiment", "dataset", "method", "subject", "cl_info", "seed", "project", "name",
                "config", "notes", "tags", "resumed_from_step", "pid")),
        )
        self.assertEqual({"loss": 0.71, "f1": 1.0}, lines[1]["metrics"])
        self.assertEqual((100, 1, 2.5), tuple(lines[1][n] for n in ("step", "epoch", "elapsed_seconds")))
        content = Path(__file__).read_bytes()
        self.assertEqual(
            {"type": "script", "path": __file__, "size_bytes": len(content),
             "sha256": hashlib.sha256(content).hexdigest(), "metadata": {"epoch": 5}},
            lines[2]["artifact"],
        )
        self.assertEqual(("ValueError", "bad"), (lines[3]["error"]["type"], lines[3]["error"]["message"]))
        self.assertEqual(
            {"type": "CUDAError", "message": "out of memory", "traceback": "here"}, lines[4]["error"])
        self.assertEqual(7, lines[4]["step"])
        self.assertEqual({"best": "Infinity", "matrix": [[1, 2], [3, 4]]}, lines[5]["results"])
        self.assertEqual(
            [{"add_tags": ["good", "better"]}, {"remove_tags": ["a"]}, {"notes": "second"},
             {"name": "the baseline"}],
            [line["annotate"] for line in lines[6:10]])
        self.assertEqual(("running", "goes on"), (lines[10]["status"], lines[10]["reason"]))
        self.assertEqual(
            ("timeout", 143, "killed"),
            (lines[12]["status"], lines[12]["exit_code"], lines[12]["reason"]))
        self.assertTrue(lines[13]["end"])
        self.assertEqual(14, len(lines))
        self.assertFalse(any("writer_id" in line for line in lines[1:]))

    def test_ids_follow_from_the_key(self):
        run = runledger.init("7", "mnist", "cnn", "s01", seed=3)

        self.assertEqual("78sxbzm4epjyp", run.run_id)
        self.assertEqual(8387861934265551830, run.number)
        self.assertLess(from_text(run.attempt_id), from_text(self.lines()[0]["writer_id"]))

    def test_runs_of_the_same_name_are_different_runs(self):
        first, second = runledger.init(name="a"), runledger.init(name="a")

        self.assertNotEqual(first.run_id, second.run_id)
        starts = [self.lines(file)[0]["start"] for file in self.files()]
        self.assertEqual({("default", "a")}, {(s["project"], s["name"]) for s in starts})
        self.assertEqual(2, len({s["instance_id"] for s in starts}))

    def test_every_double_comes_back_bit_by_bit(self):
        values = [0.1, -0.0, 5e-324, 1.7976931348623157e308, math.pi, 1e16, 123456789.123456789]
        run = runledger.init(1)
        for value in values:
            run.log({"x": value})

        read = [line["metrics"]["x"] for line in self.by_kind("metrics")]

        bits = [struct.pack(">d", value) for value in read]
        self.assertEqual([struct.pack(">d", value) for value in values], bits)

    def test_values_that_are_not_finite_stand_as_bare_words(self):
        run = runledger.init(1)
        run.log({"a": math.nan, "b": math.inf, "c": -math.inf})

        text = self.files()[0].read_text()

        self.assertIn('"metrics":{"a":NaN,"b":Infinity,"c":-Infinity}', text)

    def test_numbers_of_other_types_are_floats(self):
        class Scalar:
            def item(self):
                return 0.25

        class Tensor:
            def __float__(self):
                return 0.5

        run = runledger.init(1)
        run.log({"yes": True, "no": False, "int": 3, "scalar": Scalar(), "tensor": Tensor()},
                step=Step(4), epoch=1.75)

        line = self.by_kind("metrics")[0]

        self.assertEqual(
            {"yes": 1.0, "no": 0.0, "int": 3.0, "scalar": 0.25, "tensor": 0.5}, line["metrics"])
        self.assertEqual((4, 1.75), (line["step"], line["epoch"]))

    def test_names_and_texts_need_no_escape_of_the_caller(self):
        run = runledger.init('a"b\\\n', name="\ud83ex")
        run.log({'say "hi"\n\t\u2028ü': 1.0})
        run.set_notes("\udd2a")

        lines = self.lines()

        self.assertEqual('a"b\\\n', lines[0]["start"]["experiment"])
        self.assertEqual("\ufffdx", lines[0]["start"]["name"])
        self.assertEqual(['say "hi"\n\t\u2028ü'], list(lines[1]["metrics"]))
        self.assertEqual("\ufffd", lines[2]["annotate"]["notes"])

    def test_files_are_for_their_owner_alone(self):
        runledger.init(1).finish()

        self.assertEqual(0o700, stat.S_IMODE(os.stat(self.spool).st_mode))
        self.assertEqual(0o600, stat.S_IMODE(os.stat(self.files()[0]).st_mode))

    def test_what_is_logged_after_the_end_goes_into_another_file(self):
        run = runledger.init(1)
        run.finish()
        run.finish()
        run.log({"late": 1.0})
        run._end("completed", None, None)

        first, second = (self.lines(file) for file in self.files())

        self.assertEqual(["start", "status", "end"], [list(line)[-1] for line in first])
        self.assertEqual((run.run_id, run.attempt_id), (second[0]["run_id"], second[0]["attempt_id"]))
        self.assertEqual([{"late": 1.0}], [line["metrics"] for line in second if "metrics" in line])
        self.assertTrue(second[-1]["end"])

    def test_a_block_that_ends_well_completes_the_run(self):
        with runledger.init(1) as run:
            run.log({"a": 1})

        self.assertEqual(["completed"], [line["status"] for line in self.by_kind("status")])

    def test_an_end_that_was_said_stands(self):
        with runledger.init(1) as run:
            run.status("timeout")

        self.assertEqual(["timeout"], [line["status"] for line in self.by_kind("status")])

    def test_an_exception_in_a_block_is_recorded_and_goes_on(self):
        with self.assertRaises(ZeroDivisionError):
            with runledger.init(1):
                1 / 0

        error = self.by_kind("error")[0]["error"]
        self.assertEqual("ZeroDivisionError", error["type"])
        self.assertIn("1 / 0", error["traceback"])
        status = self.by_kind("status")[0]
        self.assertEqual(("failed", "ZeroDivisionError"), (status["status"], status["reason"]))

    def test_an_interrupt_fails_the_run_with_its_reason(self):
        with self.assertRaises(KeyboardInterrupt):
            with runledger.init(1):
                raise KeyboardInterrupt

        self.assertEqual("KeyboardInterrupt", self.by_kind("status")[0]["reason"])

    def test_a_missing_artifact_is_recorded_without_its_facts(self):
        run = runledger.init(1)
        with self.assertLogs("runledger"):
            run.log_artifact("checkpoint", Path("/no/such/file"))
        pipe = os.path.join(self.spool, "pipe")
        os.mkfifo(pipe)
        run.log_artifact("pipe", pipe)

        artifacts = [line["artifact"] for line in self.by_kind("artifact")]

        self.assertEqual(
            [{"type": "checkpoint", "path": "/no/such/file"}, {"type": "pipe", "path": pipe}], artifacts)

    def test_a_directory_is_recorded_with_the_hash_of_its_manifest(self):
        vectors = json.loads((SCHEMAS / "directory-vectors.json").read_text(encoding="utf-8"))["directories"]
        outside = Path(self.spool).parent / "outside"
        outside.mkdir()
        (outside / "secret").write_text("not a part of it")
        run = runledger.init(experiment="a")
        for at, vector in enumerate(vectors):
            directory = Path(self.spool).parent / f"artifact{at}"
            directory.mkdir()
            for name, content in vector["files"].items():
                (directory / name).parent.mkdir(parents=True, exist_ok=True)
                (directory / name).write_bytes(content.encode())
            (directory / "empty").mkdir()
            (directory / "link").symlink_to(outside)
            (directory / "file-link").symlink_to(outside / "secret")
            os.mkfifo(directory / "pipe")
            run.log_artifact("model", directory, {"step": at})
        (Path(self.spool).parent / "linked").symlink_to(directory)
        run.log_artifact("model", Path(self.spool).parent / "linked", {"step": at})
        run.log_artifact("model", directory, {"files": "mine"})
        run.finish()

        artifacts = [line["artifact"] for line in self.by_kind("artifact")]
        self.assertEqual(
            [(v["size_bytes"], v["sha256"], {"files": v["count"], "step": at}) for at, v in enumerate(vectors)],
            [(a["size_bytes"], a["sha256"], a["metadata"]) for a in artifacts[:-2]])
        self.assertEqual(*[{**artifact, "path": ""} for artifact in artifacts[-3:-1]])
        self.assertEqual({"files": "mine"}, artifacts[-1]["metadata"])

    def test_a_directory_with_too_many_files_is_recorded_without_size_and_hash(self):
        with mock.patch("runledger.artifact_files._MOST_FILES", 2):
            with runledger.init(experiment="a") as run:
                for count in (2, 3):
                    (Path(self.spool).parent / "many").mkdir(exist_ok=True)
                    for at in range(count):
                        (Path(self.spool).parent / "many" / str(at)).write_text("")
                    run.log_artifact("model", Path(self.spool).parent / "many")

        self.assertEqual([True, False], ["sha256" in line["artifact"] for line in self.by_kind("artifact")])


class Step:
    def __init__(self, number):
        self._number = number

    def __index__(self):
        return self._number


class ConfigTest(SpoolTest):
    def config(self, config):
        runledger.init(1, config=config)
        return self.lines()[0]["start"]["config"]

    def test_secrets_are_masked_at_any_depth(self):
        config = self.config({
            "lr": 0.1, "API_KEY": "secret-1",
            "deep": [{"db": {"password": "secret-2", "my-token": ["secret-3"]}}],
            "url": "s3://user:secret-4@host/path", "list": ["http://secret-5@h"]})

        self.assertEqual(
            {"lr": 0.1, "API_KEY": "********",
             "deep": [{"db": {"password": "********", "my-token": ["********"]}}],
             "url": "s3://********@host/path", "list": ["http://********@h"]}, config)
        self.assertNotIn("secret-", self.files()[0].read_text())

    def test_further_names_of_secrets_can_be_set(self):
        os.environ["RUNLEDGER_SECRET_KEYS"] = "pin"

        self.assertEqual(
            {"pin": "********", "password": "********", "lr": 1},
            self.config({"pin": 1, "password": "a", "lr": 1}))

    def test_configurations_of_other_types_become_json(self):
        loop = {"a": 1}
        loop["self"] = loop

        config = self.config(argparse.Namespace(
            model=Model(), optimizer=Optimizer.ADAM, other=WithToDict(), nan=math.nan, none=None,
            betas=(0.9, 0.999), names={"b", "a"}, kind=int, loop=loop, bad=Bad(), big=2**70))

        self.assertEqual(
            {"model": {"layers": 12, "home": "/models"}, "optimizer": "adam",
             "other": {"learning_rate": 5e-5}, "nan": "NaN", "none": None, "betas": [0.9, 0.999],
             "names": ["a", "b"], "kind": "<class 'int'>", "bad": "(no text: RuntimeError)",
             "loop": {"a": 1, "self": "(contains itself)"}, "big": 2**70}, config)

    def test_of_a_configuration_that_is_too_large_the_small_values_are_kept(self):
        whole = {"a_vocab": list(range(200_000)), "lr": 0.1, "password": "x", "text": "ü" * 9_000}
        runledger.init(1, config=whole)

        start = self.lines()[0]["start"]

        stored = json.dumps(start["config"], ensure_ascii=False, separators=(",", ":")).encode()
        text = json.dumps({**whole, "password": "********"}, ensure_ascii=False, separators=(",", ":"))
        self.assertEqual((0.1, "ü" * 9_000), (start["config"]["lr"], start["config"]["text"]))
        self.assertEqual([0, 1, 2], start["config"]["a_vocab"][:3])
        self.assertIn("bytes cut", start["config"]["a_vocab"][-1])
        self.assertLessEqual(len(stored), 262_144)
        self.assertEqual(len(text.encode()) - len(stored), start["config_truncated_bytes"])
        self.assertEqual(hashlib.sha256(text.encode()).hexdigest(), start["config_sha256"])
        self.assertEqual(["password"], start["masked_keys"])

    def test_what_is_masked_is_said_once(self):
        with self.assertLogs("runledger") as told:
            run = runledger.init(1, config={"hf_token": "x", "max_tokens": 5, "pad_token_id": 0})

        self.assertEqual(1, len(told.output))
        self.assertIn(f"run {run.run_id} is stored without what looks like a secret: hf_token.", told.output[0])
        self.assertEqual(
            {"hf_token": "********", "max_tokens": 5, "pad_token_id": 0},
            self.lines()[0]["start"]["config"])

    def test_credentials_in_texts_are_hidden_wherever_people_write(self):
        secret = "hf_unutterableunutterableUNUTTERABLE"
        run = runledger.init(1, notes=f"with {secret}", tags=[secret])
        run.set_notes(secret)
        run.add_tags(secret)
        run.results({"token": "whispered", "url": f"https://u:{secret}@host/x"})
        run.log_artifact("model", f"s3://u:{secret}@bucket/x", {"api_key": "whispered"})
        run.log_error(ValueError(f"bad {secret}"))
        run.status("running", reason=f"Bearer {secret}")
        run.finish("failed", reason=secret)

        text = self.files()[0].read_text()
        self.assertNotRegex(text, "(?i)unutterable|whispered")

    def test_of_a_long_traceback_the_middle_is_cut(self):
        os.environ["RUNLEDGER_TRACEBACK_MAX_BYTES"] = "1000"
        text = "begin" + "x" * 5000 + "end"
        runledger.init(1).log_error("E", "m", text)

        error = self.by_kind("error")[0]["error"]

        self.assertEqual(hashlib.sha256(f"m\n{text}".encode()).hexdigest(), error["sha256"])
        self.assertEqual(len(text) - 1000, error["truncated_bytes"])
        self.assertTrue(error["traceback"].startswith("begin") and error["traceback"].endswith("end"))

    def test_a_bad_setting_is_told_and_the_default_taken(self):
        os.environ.update(RUNLEDGER_HEARTBEAT_SECONDS="often", RUNLEDGER_MODE="loud")
        with self.assertLogs("runledger") as logs:
            run = runledger.init(1)

        self.assertEqual(2, len(logs.output))
        self.assertEqual(30, run._settings.heartbeat_seconds)
        self.assertEqual(1, len(self.files()))


class Bad:
    def __str__(self):
        raise RuntimeError


if __name__ == "__main__":
    unittest.main()
