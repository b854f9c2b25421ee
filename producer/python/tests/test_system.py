"""What is sampled of a run's processes and their machine: by vectors that Java reads, too, and in real processes."""

import hashlib
import json
import os
import re
import stat
import sys
import tempfile
import threading
import time
import unittest
from importlib import metadata as importlib_metadata
from pathlib import Path
from unittest import mock

import runledger
from lines import REPOSITORY, SCHEMAS, SpoolTest
from runledger import ranks
from runledger.system import environment, gpus, sampler
from runledger.system.usage import Usage

VECTORS = json.loads((SCHEMAS / "system-vectors.json").read_text(encoding="utf-8"))
NAMES = {metric["name"] for metric in VECTORS["metrics"]}

#: Long, but an end: a thread that hangs must not hang the tests.
DEADLINE = 60.0

TWO_GPUS = """
case "$*" in *--query-gpu=index,uuid,name,utilization.gpu,memory.used,temperature.gpu,power.draw*) ;; *) exit 2 ;; esac
echo '0, GPU-aaaa, NVIDIA A100, 35, 1000, 41, 98.50'
echo '1, GPU-bbbb, NVIDIA A100, 70, 2000, 42, [N/A]'
"""


def directory():
    return tempfile.TemporaryDirectory(prefix="runledger-test-")


def smi(place, script):
    path = Path(place) / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}


def without_numbers(name):
    return ".".join("N" if word.isdigit() else word for word in name.split("."))


class VectorsTest(unittest.TestCase):
    def test_files_of_proc_are_read_as_in_all_languages(self):
        for vector in VECTORS["samples"]:
            seconds = [0.0]
            with self.subTest(vector["about"]), directory() as proc:
                usage = Usage(vector["process"], None, proc, lambda: seconds[0])
                before = set()
                for moment in vector["moments"]:
                    seconds[0] = moment["seconds"]
                    for name in before - set(moment["files"]):
                        os.remove(os.path.join(proc, name))
                        if not os.listdir(os.path.dirname(os.path.join(proc, name))):
                            os.rmdir(os.path.dirname(os.path.join(proc, name)))
                    before = set(moment["files"])
                    for name, text in moment["files"].items():
                        path = Path(proc) / name
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_text(text, encoding="utf-8")

                    self.assert_same(moment["values"], usage.now())

    def test_gpus_are_read_and_chosen_as_in_all_languages(self):
        for vector in VECTORS["gpus"]:
            with self.subTest(vector["about"]):
                seen = gpus.visible(gpus.of_text(vector["printed"]), vector["visible"])

                self.assert_same(vector["values"], {
                    f"gpu.{gpu.number}.{name}": value for gpu in seen for name, value in gpu.values.items()})

    def test_each_metric_is_documented(self):
        page = (REPOSITORY / "deploy" / "docs" / "researcher.md").read_text(encoding="utf-8")
        for name in NAMES:
            self.assertIn(f"`{name}`", page)

    def assert_same(self, expected, values):
        self.assertEqual(sorted(expected), sorted(values))
        for name, value in expected.items():
            self.assertIn(without_numbers(name), NAMES)
            self.assertAlmostEqual(value, values[name], places=5, msg=name)


class GpusTest(unittest.TestCase):
    def test_a_hung_nvidia_smi_costs_its_time_limit_and_is_left_alone_then(self):
        with directory() as place, mock.patch.dict(os.environ, smi(place, "echo x >> $0.asked; exec sleep 600")):
            now = [0.0]
            hung = gpus.Gpus(lambda: now[0])
            with mock.patch.object(gpus, "_SMI_SECONDS", 0.5):
                self.assertEqual([[], []], [hung.now(), hung.now()])

            asked = Path(place, "nvidia-smi.asked")
            self.assertLessEqual(len(asked.read_text().split()) if asked.exists() else 0, 1)
            hung._running.wait(DEADLINE)
            smi(place, TWO_GPUS)
            now[0] += gpus._PAUSE_SECONDS
            self.assertEqual([0, 1], [gpu.number for gpu in hung.now()])

    def test_gpus_that_never_answer_are_not_asked_while_the_last_question_is_there(self):
        now = [0.0]
        hung = gpus.Gpus(lambda: now[0])
        hung._running = mock.Mock(**{"poll.return_value": None})
        with mock.patch.object(gpus.Gpus, "_of_smi") as asked:
            self.assertEqual([], hung.now())

        asked.assert_not_called()

    def test_nvml_is_read_where_it_is_installed_and_what_a_gpu_does_not_know_is_left_out(self):
        nvml = mock.Mock()
        nvml.nvmlDeviceGetCount.return_value = 1
        nvml.nvmlDeviceGetUUID.return_value = b"GPU-1"
        nvml.nvmlDeviceGetName.return_value = "A100"
        nvml.nvmlDeviceGetUtilizationRates.return_value.gpu = 7
        nvml.nvmlDeviceGetMemoryInfo.return_value.used = 2_000_000
        nvml.nvmlDeviceGetTemperature.side_effect = RuntimeError("not supported")
        nvml.nvmlDeviceGetPowerUsage.return_value = 98_500
        with mock.patch.dict("sys.modules", pynvml=nvml):
            found = gpus.Gpus().now()

        values = {"utilization_percent": 7, "memory_used_mb": 2, "power_w": 98.5}
        self.assertEqual([gpus.Gpu(0, "GPU-1", "A100", values)], found)


class SamplerTest(SpoolTest):
    def samples(self, run=None, wanted=lambda sample: True):
        """The first sample that is wanted, which the thread logs sooner or later."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            for line in self.by_kind("metrics") if self.files() else ():
                if wanted(line["metrics"]):
                    return line
            time.sleep(0.02)
        self.fail(f"no such sample in {DEADLINE} s")

    def test_a_run_that_asks_for_it_has_metrics_of_its_processes_and_the_machine_without_a_step(self):
        run = runledger.init(experiment="7", system=0.1)
        line = self.samples(wanted=lambda sample: "system/machine.cpu_percent" in sample)
        run.finish()

        names = {name.split("/", 1)[1] for name in line["metrics"]}
        self.assertLessEqual({"cpu_percent", "memory_rss_mb", "threads", "machine.disk_used_percent"}, names)
        self.assertLessEqual({without_numbers(name) for name in names}, NAMES)
        self.assertNotIn("step", line)
        self.assertGreater(line["metrics"]["system/memory_rss_mb"], 1)

    def test_nothing_is_sampled_where_nobody_asks_for_it(self):
        for system in (None, False, 0):
            self.assertIsNone(runledger.init(experiment="7", system=system)._sampler)
        os.environ["RUNLEDGER_SYSTEM_SECONDS"] = "15"
        self.assertIsNone(runledger.init(experiment="7", system=False)._sampler)
        self.assertEqual(15, runledger.init(experiment="7")._sampler._seconds)
        self.assertEqual(15, runledger.init(experiment="7", system=True)._sampler._seconds)
        del os.environ["RUNLEDGER_SYSTEM_SECONDS"]
        self.assertEqual(10, runledger.init(experiment="7", system=True)._sampler._seconds)
        self.assertIsNone(runledger.init(experiment="7", system=True, mode="disabled")._sampler)

    def test_runs_of_an_experiment_db_are_not_sampled(self):
        os.environ["RUNLEDGER_SYSTEM_SECONDS"] = "15"
        before = threading.active_count()
        db = runledger.ExperimentDB()
        for number in range(20):
            db.log_run(f"run {number}")

        # The one that tends all files.
        self.assertLessEqual(threading.active_count(), before + 1)

    def test_an_interval_that_is_not_a_number_costs_the_samples_and_not_the_training(self):
        for system in ("often", -1, float("nan"), [1]):
            with self.subTest(system), self.assertLogs("runledger", "WARNING"):
                run = runledger.init(experiment="7", system=system)
                run.finish()

    def test_nothing_is_logged_after_the_end_of_the_run(self):
        run = runledger.init(experiment="7", system=0.1)
        thread = run._sampler
        self.samples()
        run.finish()
        (file,) = self.files()
        lines = self.lines(file)

        thread._log({"cpu_percent": 1.0}, False)

        self.assertEqual({"end": True}, {"end": lines[-1].get("end")})
        self.assertEqual([file], self.files())
        self.assertEqual(lines, self.lines(file))

    def test_a_child_that_burns_processor_time_counts_also_when_it_has_ended(self):
        script = (
            "import os, subprocess, sys, time, runledger\n"
            "from runledger.system.usage import Usage\n"
            "usage = Usage(os.getpid(), None)\n"
            "usage.now()\n"
            "before = time.monotonic()\n"
            "burn = 'import time\\nwhile time.process_time() < 1: pass'\n"
            "subprocess.run([sys.executable, '-c', burn], check=True)\n"
            "used = usage.now()['cpu_percent'] / 100 * (time.monotonic() - before)\n"
            "sys.stderr.write(f'{used:.3f}')\n")

        # More than the child's second by what the parent did, and by nothing that others did.
        self.assertGreater(float(self.process(script)), 0.9)

    def test_a_forked_child_samples_nothing_and_its_parent_continues(self):
        script = (
            "import os, threading, time, runledger\n"
            "run = runledger.init(experiment='7', system=0.1)\n"
            "child = os.fork()\n"
            "if child == 0:\n"
            "  run.log({'child': 1, 'threads': sum(t.name == 'runledger-system' for t in threading.enumerate())})\n"
            "  again = runledger.init(experiment='7', system=0.1)\n"
            "  run.log({'samples again': again._sampler is not None})\n"
            "  time.sleep(0.5)\n"
            "  os._exit(0)\n"
            "os.waitpid(child, 0)\n"
            "time.sleep(0.3)\n"
            "run.finish()\n")
        self.process(script)

        names = [sorted(name for line in self.by_kind("metrics", file) for name in line["metrics"])
                 for file in self.files()]
        of_child, of_parent = sorted(names, key=lambda one: "child" not in one)
        self.assertEqual(["child", "samples again", "threads"], of_child)
        self.assertIn("system/threads", of_parent)
        for file in self.files():
            for line in self.by_kind("metrics", file):
                self.assertFalse(line["metrics"].get("samples again"))
                if "child" in line["metrics"]:
                    self.assertEqual(0, line["metrics"]["threads"])

    def test_a_process_ends_at_once_and_well_while_nvidia_smi_hangs(self):
        with directory() as place:
            script = (
                "import os, time, runledger\n"
                "run = runledger.init(experiment='7', system=0.1)\n"
                f"while not os.path.exists('{place}/nvidia-smi.asked'): time.sleep(0.02)\n"
                "run.log({'loss': 1})\n")
            self.process(script, **smi(place, "echo x >> $0.asked; exec sleep 600"))

        self.assertEqual(["completed"], [line["status"] for line in self.by_kind("status")])
        self.assertIn({"loss": 1}, [line["metrics"] for line in self.by_kind("metrics")])

    def test_each_visible_gpu_has_its_metrics(self):
        with directory() as place, mock.patch.dict(os.environ, smi(place, TWO_GPUS)):
            os.environ["CUDA_VISIBLE_DEVICES"] = "1"
            run = runledger.init(experiment="7", system=0.1)
            sample = self.samples(wanted=lambda one: "system/gpu.1.utilization_percent" in one)["metrics"]
            run.finish()

        self.assertEqual(70, sample["system/gpu.1.utilization_percent"])
        self.assertEqual(2097.152, sample["system/gpu.1.memory_used_mb"])
        self.assertEqual(42, sample["system/gpu.1.temperature_c"])
        self.assertEqual([], [name for name in sample if "gpu.0" in name or "power" in name])

    def test_a_wrapper_that_samples_the_attempt_is_not_joined_by_a_second_sampler(self):
        first = runledger.init(experiment="7")
        environment = first.env()
        first._release()
        os.environ.update(environment)
        self.assertIsNotNone(runledger.init(system=1)._sampler)
        os.environ["RUNLEDGER_SAMPLED"] = f"{first.attempt_id} another job"
        self.assertIsNotNone(runledger.init(experiment="7", system=1)._sampler)
        os.environ["RUNLEDGER_SAMPLED"] = first.attempt_id
        self.assertEqual(0, runledger.init(experiment="7", system=1)._sampler._seconds)
        self.assertEqual(1, runledger.init(experiment="8", system=1)._sampler._seconds)

    def test_the_packages_are_recorded_where_a_wrapper_samples_which_knows_none(self):
        first = runledger.init(experiment="7")
        environment = first.env()
        first._release()
        os.environ.update(environment, RUNLEDGER_SAMPLED=first.attempt_id)

        run = runledger.init(experiment="7", system=0.1)
        self.assertEqual(0, run._sampler._seconds)
        run._sampler._work()

        lines = self.lines(self.files()[-1])
        self.assertEqual(["environment"], [line["artifact"]["type"] for line in lines if "artifact" in line])
        self.assertEqual([], [line for line in lines if "metrics" in line])

    def test_another_rank_of_the_run_has_separate_names_and_the_first_of_a_node_its_machine(self):
        os.environ.update(RANK="9", WORLD_SIZE="16", LOCAL_RANK="1")
        run = mock.MagicMock(_recording="all", _question=None, _is_follower=True)
        one = sampler.Sampler(run, 10)
        one._sample(self.spool, True)

        (logged,) = run.log.call_args[0]
        self.assertIn("system/rank.9.threads", logged)
        self.assertEqual([], [name for name in logged if "machine" in name or "gpu" in name])
        os.environ["LOCAL_RANK"] = "0"
        self.assertTrue(sampler.Sampler(run, 10)._is_for_machine(True))

    def test_a_sample_that_fails_is_reported_once_and_the_next_one_is_taken(self):
        run = mock.MagicMock(_recording="all", _question=None, _is_follower=False)
        run._settings.spool = self.spool
        one = sampler.Sampler(run, 10)
        one._is_recorded = True
        with mock.patch.object(one._usage, "now", side_effect=[OSError("gone"), OSError("gone"), {"threads": 1}]):
            with self.assertLogs("runledger", "WARNING") as told:
                for _ in range(3):
                    self.assertTrue(one._look(one._sample))

        self.assertEqual(1, len(told.output))
        run.log.assert_called_once_with({"system/threads": 1})

    def test_the_first_of_a_node_is_known_from_each_launcher(self):
        for name in ("LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"):
            self.assertTrue(ranks.is_first_of_node({name: "0"}))
            self.assertFalse(ranks.is_first_of_node({name: "3"}))
        self.assertTrue(ranks.is_first_of_node({}))


class EnvironmentTest(SpoolTest):
    def environments(self, file):
        return [line["artifact"] for line in self.by_kind("artifact", file) if line["artifact"]["type"] == "environment"]

    def test_each_run_holds_the_hash_of_its_packages_and_the_first_one_their_list(self):
        for seed in range(3):
            runledger.init(experiment="7", seed=seed, system=60).finish()
        recorded = [one for file in self.files() for one in self.environments(file)]

        self.assertEqual(3, len(recorded))
        self.assertEqual(1, len({one["sha256"] for one in recorded}))
        self.assertEqual([True, False, False], ["packages" in one["metadata"] for one in recorded])
        listed = Path(recorded[0]["path"]).read_bytes()
        self.assertEqual(recorded[0]["sha256"], hashlib.sha256(listed).hexdigest())
        self.assertEqual(recorded[0]["size_bytes"], len(listed))
        self.assertEqual(listed.decode().split("\n")[:-1],
                         [package.replace(" ", "==") for package in recorded[0]["metadata"]["packages"]])
        self.assertLessEqual({"cpus", "os", "python"}, set(recorded[2]["metadata"]["host"]))

    def test_packages_are_those_that_importlib_finds(self):
        named = {
            (re.sub("[-_.]+", "-", one.metadata["Name"]).lower(), one.version)
            for one in importlib_metadata.distributions()}

        self.assertEqual(sorted("==".join(one) for one in named), environment.installed(sys.path))

    def test_what_installers_leave_is_read_and_the_first_of_two_versions_counts(self):
        with directory() as first, directory() as second:
            for place, names in (
                (first, ("numpy-1.26.4.dist-info", "PyYAML-5.1-py3.8.egg-info", "torch-2.1.0+cu118.dist-info",
                         "mine.egg-info", "python_jwt-3.1.dist-info", "numpy", "~umpy-1.0.dist-info.old")),
                (second, ("numpy-1.20.0.dist-info", "a.b_c-1.dist-info")),
            ):
                for name in names:
                    os.mkdir(os.path.join(place, name))
            Path(first, "mine.egg-info", "PKG-INFO").write_text("Name: mine\nVersion: 0.3\n")
            found = environment.installed([first, second, "/no/such/place", __file__])

        self.assertEqual(
            ["a-b-c==1", "mine==0.3", "numpy==1.26.4", "python-jwt==3.1", "pyyaml==5.1", "torch==2.1.0+cu118"], found)

    def test_the_list_is_not_masked_though_packages_have_the_names_of_secrets(self):
        with mock.patch.object(environment, "installed", return_value=["api-key==2", "python-jwt==3.1"]):
            runledger.init(experiment="7", system=60).finish()
        (recorded,) = self.environments(None)

        self.assertEqual(["api-key 2", "python-jwt 3.1"], recorded["metadata"]["packages"])

    def test_the_names_of_the_visible_gpus_are_facts_of_the_host(self):
        with directory() as place, mock.patch.dict(os.environ, smi(place, TWO_GPUS)):
            run = runledger.init(experiment="7", system=60)
            end = time.monotonic() + DEADLINE
            while not (self.files() and self.environments(None)) and time.monotonic() < end:
                time.sleep(0.02)
            run.finish()

        self.assertEqual(["NVIDIA A100"] * 2, self.environments(None)[0]["metadata"]["host"]["gpus"])

    def test_a_run_without_system_metrics_records_no_environment(self):
        runledger.init(experiment="7").finish()

        self.assertEqual([], self.environments(None))
        self.assertFalse(os.path.exists(os.path.join(self.spool, environment.DIRECTORY)))


if __name__ == "__main__":
    unittest.main()
