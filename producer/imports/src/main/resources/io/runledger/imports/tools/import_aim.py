"""Prints the runs of an Aim repository as lines of JSON, for 'runledger import aim'.

    python import_aim.py DIRECTORY

Needs the package aim in the version that wrote the repository. Aim takes locks in a repository that it opens, and may
upgrade it, so a copy is read.
"""

import contextlib
import io
import itertools
import json
import math
import os
import shutil
import sys
import tempfile

#: Points in a line.
CHUNK = 5_000


def plain(value):
    """A configuration as JSON has it; what it does not have, as a text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return str(value)


def said(**line):
    sys.stdout.write(json.dumps(line) + "\n")


def called(metric):
    """The name with its context: subset=train, loss is loss[subset=train]."""
    context = metric.context.to_dict()
    inside = ",".join(f"{key}={context[key]}" for key in sorted(context))
    return f"{metric.name}[{inside}]" if inside else metric.name


def sparse(sequence):
    """Steps and values; none where the sequence is empty."""
    try:
        return sequence.sparse_list()
    except ValueError:
        return [], []


def points(metric):
    """Step, epoch, time and value of each point, in the order of the steps."""
    epochs = dict(zip(*sparse(metric.epochs)))
    times = dict(zip(*sparse(metric.timestamps)))
    # In newer versions places are numbers of their own, and the steps stand beside the values.
    stored = getattr(getattr(metric, "data", None), "steps", None)
    steps = {} if stored is None else dict(zip(*sparse(stored)))
    places, values = sparse(metric.values)
    for step, place, value in sorted(zip((steps.get(place, place) for place in places), places, values)):
        epoch, time = epochs.get(place), times.get(place)
        yield [
            int(step), None if epoch is None or epoch != epoch else float(epoch),
            None if time is None else float(time), repr(float(value)),
        ]


def config(run):
    """All that was stored by run[key] = value."""
    try:
        stored = run.meta_run_attrs_tree.collect()
    except KeyError:
        return {}
    return {key: plain(value) for key, value in stored.items() if not str(key).startswith("__")}


def indexed(repository):
    """Its runs. Aim looks for them in an index, which it brings up to date only while its server runs."""
    if hasattr(repository, "_recreate_index"):
        # It prints how far it is.
        with contextlib.redirect_stdout(sys.stderr), contextlib.redirect_stderr(io.StringIO()):
            repository._recreate_index()
    return sorted(repository.iter_runs(), key=lambda run: (run.creation_time or 0, run.hash))


def show(repository):
    runs = indexed(repository)
    for run in runs:
        try:
            said(
                run=run.hash, name=run.name, experiment=run.experiment or "default", created=run.creation_time,
                description=run.description or "", tags=list(run.tags or []), config=config(run),
            )
            for metric in sorted(run.metrics(), key=called):
                every = points(metric)
                some = list(itertools.islice(every, CHUNK))
                while some:
                    said(metric=called(metric), points=some)
                    some = list(itertools.islice(every, CHUNK))
            said(end=run.end_time if run.end_time else -1)
        except Exception as trouble:
            # The others may be sound.
            said(lost=f"run {run.hash}", why=f"{type(trouble).__name__}: {trouble}")
            said(end=-1)
    for run_hash in sorted(set(repository.list_all_runs()) - {run.hash for run in runs}):
        said(lost=f"run {run_hash}", why="Aim cannot read it")


def main():
    from aim import Repo

    with tempfile.TemporaryDirectory(prefix="runledger-aim-") as copy:
        shutil.copytree(os.path.join(sys.argv[1], ".aim"), os.path.join(copy, ".aim"))
        show(Repo.from_path(copy))


if __name__ == "__main__":
    main()
