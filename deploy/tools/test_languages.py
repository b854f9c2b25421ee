"""The programs of deploy/docs/languages.md, and the lines that other pages show, as they are there."""

import itertools
import json
import math
import os
import re
import subprocess
from pathlib import Path
from typing import Callable, Dict, List

from ledger import HERE, LedgerTest, Run, series

DOCS = HERE.parent / "docs"

#: With a rate of 1e200 the loss is finite once, infinite, and then not a number.
RATES = {1: 0.25, 2: 1e200, 3: 0.5}


def blocks(page: str) -> Dict[str, str]:
    """The fenced code blocks of a page, each language once."""
    found: Dict[str, str] = {}
    for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", (DOCS / page).read_text(), re.M | re.S):
        assert language not in found, f"{page} has two blocks of {language}"
        found[language] = text
    return found


def indented(page: str, beginning: str) -> str:
    """The indented code block of a page that begins so."""
    lines = (DOCS / page).read_text().splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith(f"    {beginning}"))
    block = itertools.takewhile(lambda line: line.startswith("    "), lines[first:])
    return "".join(line[4:] + "\n" for line in block)


def descent(rate: float) -> List[float]:
    """The losses of the page's programs, in the same arithmetic."""
    losses, loss = [], 1.0
    for _ in range(6):
        loss -= rate * loss
        losses.append(loss)
        if loss != loss:
            break
    return losses


class Languages(LedgerTest):

    @classmethod
    def setUpClass(cls) -> None:
        cls.directory = Path(os.environ["TOOLS_DIRECTORY"], "languages")
        cls.directory.mkdir()
        cls.programs = blocks("languages.md")

    def test_every_program_of_the_page_is_tested(self) -> None:
        tested = {"bash", "awk", "perl", "r", "c", "javascript", "go"}

        self.assertEqual(set(self.programs), tested)
        self.assertLessEqual({f"test_{language}" for language in tested}, set(dir(self)))

    def test_bash(self) -> None:
        script = self.written("bash", "count.sh")
        lines = ["to be or not to be", "", "that is the question"]
        text = self.directory / "text"
        # Many texts end without a line feed.
        text.write_text("\n".join(lines))

        self.run_with_spool("bash", script, "1", str(text))
        self.run_with_spool("bash", script, "2", str(text) + "-missing", code=3)
        self.run_bash_and_stop_it(script, "3")

        self.assert_runs(
            "lines",
            {
                "lines/-/bash/-/-/1": Run(None, {"words": series([len(line.split()) for line in lines])}),
                "lines/-/bash/-/-/2": Run(
                    None, {}, "failed", 3, errors=(("input", "the text cannot be read"),)
                ),
                # Not completed, though the last command before the signal went well.
                "lines/-/bash/-/-/3": Run(None, {}, "failed", 143, errors=(("failed", None),)),
            },
            prefix="lines/-/bash/",
        )

    def run_bash_and_stop_it(self, script: str, seed: str) -> None:
        pipe = self.directory / "pipe"
        os.mkfifo(pipe)
        environment = {**os.environ, "RUNLEDGER_SPOOL": os.environ["TOOLS_SPOOL"]}
        with subprocess.Popen(["bash", script, seed, str(pipe)], env=environment) as program:
            # Opens when the program does, which then waits for a line.
            with open(pipe, "w"):
                program.terminate()
                self.assertEqual(program.wait(60), 143)

    def test_awk(self) -> None:
        script = self.written("awk", "train.awk")
        # The command of the page, with its redirection.
        command = self.command("LC_ALL=C awk").replace("train.awk", script)

        self.descends(
            "awk",
            lambda seed, rate: ["sh", "-c", command.replace("SEED", seed).replace("RATE", rate)],
        )

    def test_perl(self) -> None:
        script = self.written("perl", "train.pl")
        self.descends("perl", lambda seed, rate: ["perl", script, seed, rate])

    def test_r(self) -> None:
        script = self.written("r", "train.R")
        self.descends("r", lambda seed, rate: ["Rscript", script, seed, rate])

    def test_c(self) -> None:
        source = self.written("c", "train.c")
        self.run_program("cc", "-Wall", "-Werror", "-o", "train", source, directory=self.directory)
        self.descends("c", lambda seed, rate: [str(self.directory / "train"), seed, rate])

    def test_javascript(self) -> None:
        script = self.written("javascript", "train.js")
        self.descends("node", lambda seed, rate: ["node", script, seed, rate])

    def test_go(self) -> None:
        source = self.written("go", "train.go")
        # 'go run' exits with 1, whatever its program exited with.
        self.run_program("go", "build", "-o", "train-go", source, directory=self.directory)
        self.descends("go", lambda seed, rate: [str(self.directory / "train-go"), seed, rate])

    def descends(self, method: str, command: Callable[[str, str], List[str]]) -> None:
        for seed, rate in RATES.items():
            diverges = math.isnan(descent(rate)[-1])
            self.run_with_spool(*command(str(seed), repr(rate)), code=3 if diverges else 0)

        self.assert_runs(
            "lines",
            {f"lines/-/{method}/-/-/{seed}": self.descended(rate) for seed, rate in RATES.items()},
            prefix=f"lines/-/{method}/",
        )

    def descended(self, rate: float) -> Run:
        losses = descent(rate)
        run = Run(config={"rate": rate}, metrics={"loss": series(losses)})
        if math.isnan(losses[-1]):
            error = ("diverged", "the loss is not a number")
            return run._replace(status="failed", exit_code=3, errors=(error,))
        return run

    def run_with_spool(self, *command: str, code: int = 0) -> None:
        self.run_program(
            *command, code=code, environment={"RUNLEDGER_SPOOL": os.environ["TOOLS_SPOOL"]}
        )

    def written(self, language: str, name: str) -> str:
        file = self.directory / name
        file.write_text(self.programs[language])
        return str(file)

    def command(self, beginning: str) -> str:
        """The command of the page that begins with this word."""
        return re.search(f"^`({beginning} .*)`$", (DOCS / "languages.md").read_text(), re.M).group(1)


class LinesUnderExec(LedgerTest):

    def test_the_line_of_the_page_on_lines_is_a_point_of_the_run_that_exec_made(self) -> None:
        command = indented("spool-lines.md", "printf ")

        self.run_program("runledger", "exec", "--experiment", "line-page", "--", "sh", "-c", command)

        value, step = re.search(r"([0-9.]+) ([0-9]+) >>", command).groups()
        self.assert_runs(
            "line-page", {"line-page/-/-/-/-/-": self.one_point(float(value), int(step))}
        )

    def test_the_line_of_the_page_for_researchers_is_a_point_of_the_run_that_exec_made(self) -> None:
        command = indented("researcher.md", "printf ")

        self.run_program(
            *["runledger", "exec", "--experiment", "line-researcher", "--", "sh", "-c"],
            f"loss=0.25 step=7\n{command}",
        )

        self.assert_runs("line-researcher", {"line-researcher/-/-/-/-/-": self.one_point(0.25, 7)})

    def test_the_example_of_the_page_on_lines_is_the_run_that_it_says(self) -> None:
        example = indented("spool-lines.md", '{"at":1763917445.2,"start"')

        (Path(os.environ["TOOLS_SPOOL"]) / "example.jsonl").write_text(example)

        lines = [json.loads(line) for line in example.splitlines()]
        start = lines[0]["start"]
        points = [line for line in lines if "metrics" in line]
        error, status = lines[-3]["error"], lines[-2]
        losses = [point["metrics"]["loss"] for point in points]
        self.assert_runs(
            str(start["experiment"]),
            {
                f"{start['experiment']}/{start['dataset']}/{start['method']}/-/-/{start['seed']}": Run(
                    config=start["config"],
                    metrics={
                        "loss": series(losses)._replace(step=points[-1]["step"]),
                        "f1": series([points[0]["metrics"]["f1"]])._replace(step=points[0]["step"]),
                    },
                    status=status["status"],
                    exit_code=status["exit_code"],
                    errors=((error["type"], error["message"]),),
                )
            },
        )

    def test_a_start_that_names_no_run_adds_to_what_exec_began(self) -> None:
        line = indented("spool-lines.md", '{"at":1763917445.2,"run_id"')
        said = json.loads(line)
        script = line.replace(said["run_id"], "$RUNLEDGER_RUN_ID")
        script = script.replace(said["attempt_id"], "$RUNLEDGER_ATTEMPT_ID").replace('"', '\\"')

        self.run_program(
            *["runledger", "exec", "--experiment", "line-start", "--set", "data=mnist", "--tag", "exec"],
            *["--", "sh", "-c", f'echo "{script.strip()}" > "$RUNLEDGER_SPOOL/joined.jsonl"'],
        )

        expected = Run({"data": "mnist", **said["start"]["config"]}, {}, exit_code=0)
        tags = tuple(sorted(["exec", *said["start"]["tags"]]))
        self.assert_runs("line-start", {"line-start/-/-/-/-/-": expected._replace(tags=tags)})

    def one_point(self, value: float, step: int) -> Run:
        return Run(config={}, metrics={"loss": series([value])._replace(step=step)}, exit_code=0)
