"""What becomes of a run when its process forks, spawns, fails or is killed: each in a real process."""

import importlib.util
import signal
import subprocess
import sys
import unittest
from pathlib import Path

import runledger
from lines import SpoolTest
from runledger import keeper, open_runs
from runledger.identity import IDS

BEGIN = "import os, sys, runledger\nrun = runledger.init(experiment='7', seed=1)\n"


class EndTest(SpoolTest):
    def end(self, script, code=0, **environment):
        for file in self.files():
            file.unlink()
        self.process(BEGIN + script, code=code, **environment)
        (end,) = self.by_kind("status")
        return end["status"], end.get("exit_code")

    def test_a_script_that_returns_completes_its_run(self):
        self.assertEqual(("completed", None), self.end("run.log({'loss': 1.0})\n"))
        self.assertEqual([{"end": True}], [{"end": line["end"]} for line in self.by_kind("end")])

    def test_an_uncaught_exception_fails_it_with_the_traceback(self):
        self.assertEqual("failed", self.end("def train():\n  raise ValueError('bad shape')\ntrain()\n", 1)[0])
        (error,) = self.by_kind("error")
        self.assertEqual("ValueError", error["error"]["type"])
        self.assertEqual("bad shape", error["error"]["message"])
        self.assertIn("in train", error["error"]["traceback"])

    def test_sys_exit_tells_its_code(self):
        self.assertEqual(("failed", 3), self.end("sys.exit(3)\n", 3))

    def test_sys_exit_of_zero_is_success(self):
        self.assertEqual(("completed", 0), self.end("sys.exit(0)\n", 0))

    def test_raise_system_exit_tells_its_code(self):
        self.assertEqual(("failed", 4), self.end("raise SystemExit(4)\n", 4))

    def test_a_caught_sys_exit_does_not_count(self):
        script = "try:\n  sys.exit(3)\nexcept SystemExit:\n  pass\n"
        self.assertEqual("completed", self.end(script)[0])

    def test_the_usual_main_function_that_begins_the_run_tells_its_code(self):
        for returned, end in ((0, ("completed", 0)), (3, ("failed", 3)), (None, ("completed", 0))):
            for program in ("sys.exit(main())", "import runledger\nfrom sys import exit\nexit(main())"):
                with self.subTest(program, returned=returned):
                    self.assertEqual(end, self.end_of(
                        "import sys, runledger\n"
                        "def main():\n"
                        "  run = runledger.init(experiment='7')\n"
                        f"  return {returned}\n{program}\n", returned or 0))

    def test_a_code_that_is_worked_out_is_known_or_nothing_is_claimed_of_it(self):
        for script, code in (
            ("raise SystemExit((lambda: 3)())", 3), ("rc = 2\nraise SystemExit(rc)", 2),
            ("def leave(): raise SystemExit(5)\nleave()", 5), ("error = SystemExit(6)\nraise error", 6),
            ("def leave(): raise SystemExit\nleave()", 0), ("raise SystemExit", 0),
        ):
            with self.subTest(script):
                status, known = self.end(script + "\n", code)
                if sys.version_info >= (3, 12):
                    self.assertEqual(("failed" if code else "completed", code), (status, known))
                else:
                    self.assertIn((status, known), [("completed", None), ("completed", 0)][: 2 - bool(code)])

    def test_an_exit_that_a_library_took_away_before_does_not_fail_a_good_run(self):
        status, _ = self.end_of(
            "from sys import exit\nimport runledger\nrunledger.init(experiment='7')\nexit(0)\n")

        self.assertEqual("completed", status)

    def end_of(self, script, code=0):
        for file in self.files():
            file.unlink()
        self.process(script, code=code)
        (end,) = self.by_kind("status")
        return end["status"], end.get("exit_code")

    def test_a_signal_handler_that_ends_the_run_while_another_begins_does_not_hang(self):
        self.process(
            "import faulthandler, logging, os, runledger, signal, threading\n"
            "logging.disable(50)\n"
            "faulthandler.dump_traceback_later(50, exit=True)\n"
            "runs = []\n"
            "def preempted(*_):\n"
            "  while True:\n"
            "    try: run = runs.pop()\n"
            "    except IndexError: return  # another signal came before the list was asked\n"
            "    run.add_tags('preempted'); run.finish('failed')\n"
            "signal.signal(signal.SIGALRM, preempted)\n"
            "signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\n"
            "for _ in range(400):\n"
            "  run = runledger.init(experiment='7'); runs.append(run); run.log({'a': 1}); run.finish()\n"
            "signal.setitimer(signal.ITIMER_REAL, 0)\n"
        )
        heads = [self.lines(file)[0] for file in self.files()]
        self.assertEqual(400, len({head["attempt_id"] for head in heads}))

    def test_every_lock_may_be_taken_again_by_a_signal_handler_of_the_thread_that_has_it(self):
        run = runledger.init(experiment="7")
        for lock in (IDS._lock, open_runs._lock, keeper._keeper._lock, run._writer._lock):
            with lock:
                self.assertTrue(lock.acquire(blocking=False))
                lock.release()

    def test_what_a_signal_handler_raises_reaches_the_training(self):
        self.process(
            "import runledger, signal\n"
            "class Preempted(Exception): pass\n"
            "raised = met = 0\n"
            "def preempt(*_):\n"
            "  global raised\n"
            "  raised += 1\n"
            "  raise Preempted\n"
            "run = runledger.init(experiment='7')\n"
            "signal.signal(signal.SIGALRM, preempt)\n"
            "while met < 100:\n"
            "  try:\n"
            "    signal.setitimer(signal.ITIMER_REAL, 0.002)\n"
            "    while True: run.log({'a': 1}); run.add_tags('b')\n"
            "  except Preempted: met += 1\n"
            "assert raised == met, (raised, met)\n"
        )
        self.assertEqual([], self.by_kind("dropped"))

    def test_an_exception_keeps_its_traceback_on_stderr(self):
        stderr = self.process(BEGIN + "1 / 0\n", code=1)
        self.assertIn("ZeroDivisionError", stderr)

    def test_what_was_logged_outlives_sigkill_and_no_end_is_claimed(self):
        script = BEGIN + (
            "for step in range(100):\n  run.log({'loss': 1.0}, step=step)\n"
            "os.kill(os.getpid(), 9)\n"
        )
        self.process(script, code=-signal.SIGKILL)
        self.assertEqual(100, len(self.by_kind("metrics")))
        self.assertEqual([], self.by_kind("status"))


class WorkersTest(SpoolTest):
    def test_forked_children_write_files_of_their_own_and_do_not_end_the_run(self):
        self.process(
            BEGIN + "run.log({'a': 1})\n"
            "for child in range(3):\n"
            "  if os.fork() == 0:\n"
            "    run.log({'a': 2}, step=child)\n"
            "    os._exit(0)\n"
            "for _ in range(3): os.wait()\n"
            "run.log({'a': 3})\n"
        )
        files = self.files()
        self.assertEqual(4, len(files))
        lines = [line for file in files for line in self.lines(file)]
        self.assertEqual(5, sum("metrics" in line for line in lines))
        self.assertEqual(1, sum("status" in line for line in lines))
        self.assertEqual(1, sum("start" in line for line in lines))
        heads = [self.lines(file)[0] for file in files]
        self.assertEqual(1, len({(head["run_id"], head["attempt_id"]) for head in heads}))

    def test_workers_of_multiprocessing_take_part_however_they_begin(self):
        script = (
            "import multiprocessing as mp, os, sys, runledger\n"
            "def work(n):\n"
            "  run = runledger.join()\n"
            "  for step in range(10): run.log({'w%d' % n: 1.0}, step=step)\n"
            "if __name__ == '__main__':\n"
            "  run = runledger.init(experiment='7', seed=1)\n"
            "  os.environ.update(run.env())\n"
            "  context = mp.get_context(sys.argv[1])\n"
            "  workers = [context.Process(target=work, args=(n,)) for n in range(3)]\n"
            "  [worker.start() for worker in workers]\n"
            "  [worker.join() for worker in workers]\n"
        )
        for method in ("fork", "spawn"):
            with self.subTest(method):
                for file in self.files():
                    file.unlink()
                self.process(script, method)
                lines = [line for file in self.files() for line in self.lines(file)]
                self.assertEqual(30, sum("metrics" in line for line in lines))
                self.assertEqual(1, sum("status" in line for line in lines))
                self.assertEqual(4, len(self.files()))

    def test_a_run_that_a_worker_begins_ends_as_the_worker_does(self):
        script = (
            "import multiprocessing as mp, sys\n"
            "def work():\n"
            "  import runledger\n"
            "  runledger.init(experiment='7')\n"
            "  exec(sys.argv[2])\n"
            "if __name__ == '__main__':\n"
            "  import runledger\n"
            "  worker = mp.get_context(sys.argv[1]).Process(target=work)\n"
            "  worker.start()\n"
            "  worker.join()\n"
        )
        for method in ("fork", "spawn"):
            for end, status in (("1", "completed"), ("sys.exit(0)", "completed"), ("sys.exit(3)", "failed"),
                                ("1 / 0", "failed")):
                with self.subTest(method, end=end):
                    for file in self.files():
                        file.unlink()
                    self.process(script, method, end)
                    self.assertEqual([status], [line["status"] for line in self.by_kind("status")])

    def test_a_child_that_takes_part_and_fails_does_not_fail_the_run(self):
        self.process(
            BEGIN + "pid = os.fork()\n"
            "if pid == 0:\n  run.log({'a': 1})\n  raise KeyError('in the child')\n"
            "os.waitpid(pid, 0)\n"
        )
        lines = [line for file in self.files() for line in self.lines(file)]
        self.assertEqual(["completed"], [line["status"] for line in lines if "status" in line])
        self.assertEqual(["KeyError"], [line["error"]["type"] for line in lines if "error" in line])

    def test_threads_lose_nothing(self):
        self.process(
            BEGIN + "import threading\n"
            "def work():\n  for step in range(500): run.log({'a': 1.0}, step=step)\n"
            "threads = [threading.Thread(target=work) for _ in range(8)]\n"
            "[t.start() for t in threads]\n[t.join() for t in threads]\n"
        )
        self.assertEqual(4000, len(self.by_kind("metrics")))


class RanksTest(SpoolTest):
    def test_only_rank_zero_records(self):
        for names in (("RANK", "WORLD_SIZE"), ("SLURM_PROCID", "SLURM_NTASKS")):
            with self.subTest(names):
                for rank in range(4):
                    self.process(BEGIN + "run.log({'a': 1})\n", **{names[0]: str(rank), names[1]: "4"})
                self.assertEqual(1, len(self.by_kind("metrics")))
                for file in self.files():
                    file.unlink()

    def test_all_ranks_record_when_asked(self):
        script = "import runledger\nrunledger.init(experiment='7', all_ranks=True).log({'a': 1})\n"
        for rank in range(2):
            self.process(script, RANK=str(rank), WORLD_SIZE="2")
        self.assertEqual(2, len(self.files()))


class EnvironmentTest(SpoolTest):
    def test_a_disabled_run_writes_nothing_and_raises_nothing(self):
        self.process(
            "import runledger\nwith runledger.init(experiment='7', seed='no number') as run:\n"
            "  run.log({'a': object()})\n  run.log_artifact('x', '/nowhere')\n  run.finish()\n",
            RUNLEDGER_MODE="disabled",
        )
        self.assertFalse(Path(self.spool).exists())

    def test_what_exec_names_is_joined_and_not_ended(self):
        run = runledger.init(experiment="7", seed=1)
        self.process(
            "import runledger\nrun = runledger.init()\nrun.log({'a': 1})\n", **run.env()
        )
        (other,) = [file for file in self.files() if self.by_kind("metrics", file)]
        first = self.lines(other)[0]
        self.assertEqual((run.run_id, run.attempt_id), (first["run_id"], first["attempt_id"]))
        self.assertEqual([], self.by_kind("status", other))

    def test_a_spool_that_cannot_be_made_does_not_stop_the_training(self):
        blocker = Path(self.spool).parent / "file"
        blocker.write_text("")
        stderr = self.process(
            BEGIN + "run.log({'a': 1})\nprint('trained')\n", RUNLEDGER_SPOOL=str(blocker / "spool")
        )
        self.assertIn("cannot be written", stderr)

    def test_a_full_disk_is_counted_and_told_and_leaves_whole_lines(self):
        script = (
            "import resource, signal\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 200000))\n" + BEGIN +
            "for step in range(2000): run.log({'loss': 1.0}, step=step)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))\n"
            "run._writer._retry_at = 0\n"
            "run.log({'loss': 2.0}, step=2000)\n"
            "print(run.dropped, file=sys.stderr)\n"
        )
        stderr = self.process(script)
        dropped = int(stderr.splitlines()[-1])
        self.assertGreater(dropped, 0)
        self.assertEqual(2001, len(self.by_kind("metrics")) + dropped)
        self.assertEqual(dropped, sum(line["dropped"]["count"] for line in self.by_kind("dropped")))
        self.assertIn("cannot be written", stderr)


class SubInterpreterTest(SpoolTest):
    """Threads that are daemons are forbidden there, or abort the process when the interpreter ends."""

    PROGRAM = (
        "import os, sys\n"
        "try:\n  import _interpreters as interpreters\n"
        "except ImportError:\n  import _xxsubinterpreters as interpreters\n"
        "one = interpreters.create()\n"
        "trouble = interpreters.run_string(one, sys.argv[1])\n"
        "interpreters.destroy(one)\n"
        "sys.exit(str(trouble) if trouble else 0)\n"
    )

    def setUp(self):
        super().setUp()
        if not any(map(importlib.util.find_spec, ("_interpreters", "_xxsubinterpreters"))):
            self.skipTest("this Python has no sub-interpreters")
        # Some versions cannot even import their own library twice (3.12.1).
        control = subprocess.run(
            [sys.executable, "-c", self.PROGRAM, "import ast, dis, hashlib, json, logging, uuid"],
            capture_output=True, timeout=60,
        )
        if control.returncode:
            self.skipTest("the sub-interpreters of this Python cannot import its own library")

    def test_a_run_in_a_sub_interpreter_is_recorded_and_ends_with_it(self):
        for end, status in (("run.finish('failed')", "failed"), ("", "completed")):
            self.process(self.PROGRAM, BEGIN + "run.log({'loss': 0.5}, step=1)\n" + end,
                         RUNLEDGER_HEARTBEAT_SECONDS="30")
            with self.subTest(end):
                (point,) = self.by_kind("metrics")
                self.assertEqual({"loss": 0.5}, point["metrics"])
                self.assertEqual([30], [line["heartbeat"] for line in self.by_kind("heartbeat")])
                self.assertEqual([status], [line["status"] for line in self.by_kind("status")])
                self.assertEqual(True, self.lines()[-1]["end"])
            self.files()[0].unlink()


class HeartbeatTest(SpoolTest):
    def test_a_run_that_logs_nothing_beats(self):
        script = BEGIN + (
            "import glob, time\n"
            "def beats():\n"
            "  files = glob.glob(os.path.join(os.environ['RUNLEDGER_SPOOL'], '*.jsonl'))\n"
            "  return sum(open(f, encoding='utf-8').read().count('\"heartbeat\":') for f in files)\n"
            "deadline = time.monotonic() + 60\n"
            "while beats() < 2 and time.monotonic() < deadline: time.sleep(0.05)\n"
        )
        self.process(script, RUNLEDGER_HEARTBEAT_SECONDS="1")
        self.assertGreaterEqual(len(self.by_kind("heartbeat")), 2)

    def test_a_run_without_a_background_thread_beats_as_it_logs(self):
        script = (
            "import threading, time\n"
            "def refuse(thread): raise RuntimeError('no more threads')\n"
            "threading.Thread.start = refuse\n"
        ) + BEGIN + (
            "from runledger import writer\n"
            "now = time.monotonic()\n"
            "time.monotonic = lambda: now + 3600\n"
            "run.log({'loss': 1.0})\n"
        )
        self.process(script, RUNLEDGER_HEARTBEAT_SECONDS="30")
        self.assertEqual([30, 30], [line["heartbeat"] for line in self.by_kind("heartbeat")])

    def test_no_command_line_and_no_secret_is_in_the_file(self):
        self.process(
            "import runledger\n"
            "runledger.init(experiment='7', config={'api_key': 'hunter2', 'lr': 0.1})\n",
            "--password=hunter2", HF_TOKEN="hunter2",
        )
        (file,) = self.files()
        self.assertNotIn(b"hunter2", file.read_bytes())


if __name__ == "__main__":
    unittest.main()
