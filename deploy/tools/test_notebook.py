"""Notebooks run by nbclient, whose kernel ends without a report of how it went."""

import os
from typing import Any

import nbclient
import nbformat
from ledger import LedgerTest, Run, series


class Notebook(LedgerTest):

    def test_a_notebook_that_finishes_its_run_completes_it(self) -> None:
        self.execute(
            "import runledger",
            "run = runledger.init(experiment='notebook', seed=1, config={'rate': 0.5})",
            "for step in range(4): run.log({'loss': 0.5 ** step}, step=step)",
            "run.finish()",
        )

        self.assert_runs("notebook", {"notebook/-/-/-/-/1": self.trained(4)})

    def test_a_cell_that_raises_fails_the_run_that_stays_open(self) -> None:
        with self.assertRaises(nbclient.exceptions.CellExecutionError):
            self.execute(
                "import runledger",
                "run = runledger.init(experiment='broken-notebook', seed=2, config={'rate': 0.5})",
                "for step in range(3): run.log({'loss': 0.5 ** step}, step=step)",
                "raise ValueError('the labels are missing')",
                "run.finish()",
            )

        self.assert_runs(
            "broken-notebook",
            {
                "broken-notebook/-/-/-/-/2": self.trained(3)._replace(
                    status="failed",
                    reason="a cell raised ValueError, and the session ended before run.finish()",
                    errors=(("ValueError", "the labels are missing"),),
                )
            },
        )

    def test_a_run_goes_on_in_the_cell_after_the_one_that_raised(self) -> None:
        self.execute(
            "import runledger",
            "run = runledger.init(experiment='mended-notebook', seed=3, config={'rate': 0.5})",
            "run.log({'loss': 1.0}, step=0)",
            "run.log({'loss': undefined}, step=1)",
            "run.log({'loss': 0.5}, step=1)",
            "run.finish()",
            allow_errors=True,
        )

        self.assert_runs(
            "mended-notebook",
            {
                "mended-notebook/-/-/-/-/3": self.trained(2)._replace(
                    errors=(("NameError", "name 'undefined' is not defined"),)
                )
            },
        )

    def execute(self, *cells: str, **options: Any) -> None:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        directory = {"metadata": {"path": os.environ["TOOLS_DIRECTORY"]}}
        nbclient.NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources=directory, **options
        ).execute()

    def trained(self, steps: int) -> Run:
        return Run(config={"rate": 0.5}, metrics={"loss": series([0.5**step for step in range(steps)])})
