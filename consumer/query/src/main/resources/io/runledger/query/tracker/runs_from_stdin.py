"""How a script that exports by a tracker's own package talks with 'runledger export'.

Reads runs as lines of JSON from stdin and answers each on stdout; PythonExport.java has the protocol.
"""

import json
import os
import sys


class Refusal(Exception):
    """The export cannot go on, as a sentence."""


class Answers:
    """Writes lines to what was stdout: from now on that is stderr, because packages print there."""

    def __init__(self):
        self.file = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def say(self, **line):
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()

    def refuse(self, sentence):
        """Says why the export cannot go on, and ends this process."""
        self.say(failed=sentence)
        sys.exit(1)


def export_all(answers, target, run_of, trouble_with):
    """Exports the runs that come.

    target: where they go; its remarks() are sentences for the end.
    run_of: makes a run of (target, line); its begin() says what is wanted of it, take(line) gets that, end() writes
        it; is_new says whether it was not there before.
    trouble_with: makes a sentence's beginning of a run's id.
    """
    run, wanted = None, "nothing"
    answers.say(ready=True)
    try:
        for line in sys.stdin:
            line = json.loads(line)
            if "run" in line:
                run = run_of(target, line)
                wanted = run.begin()
                answers.say(want=wanted)
            elif "end" in line:
                if wanted != "nothing":
                    run.end()
                answers.say(outcome="present" if wanted == "nothing" else "added" if run.is_new else "updated")
            else:
                run.take(line)
        answers.say(remarks=target.remarks())
    except Refusal as refusal:
        answers.refuse(str(refusal))
    except Exception as trouble:
        answers.refuse(f"{trouble_with(run.said['run_id'] if run else '?')}: {trouble}")
