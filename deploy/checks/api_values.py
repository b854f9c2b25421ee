"""What schemathesis fills in where the description of the API says more than a JSON schema can.

Filters, orders and columns are made of the filter language; ids, metrics and positions are those of the
ledger that is asked, so that most questions have an answer.
"""

from __future__ import annotations

import gzip
import json
import os
import urllib.parse
import urllib.request
from typing import Any

import schemathesis
from hypothesis import strategies as st

TOKEN = os.environ.get("API_TOKEN", "")


def get(path: str, **parameters: str) -> Any:
    url = os.environ["API_URL"] + path + "?" + urllib.parse.urlencode(parameters)
    headers = {"Authorization": "Bearer " + TOKEN} if TOKEN else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        return json.load(answer)


# Not those that a pass made up.
runs = get("runs", columns="id", limit="20", filter="tag has grid and status = completed")["columns"]["id"]
metrics = ["loss", "val/acc"]
position = get("curves", run=runs[0], metric=metrics[0])["series"][0]["position"]

fields = st.sampled_from(
    ["status", "name", "method", "seed", "tag", "took", "config.lr", "config.\"model.layers\"", "metric.loss",
     "metric.val/acc.max", "metric.loss.min_step", "started"]
)
conditions = st.sampled_from(
    ["status = completed", "status != failed", "status in (completed, running)", "seed < 5", "config.lr >= 0.01",
     "metric.loss.min < 0.3", "metric.\"val/acc\" > -1e9", "tag has grid", "name ~ \"mnist\"", "notes is null",
     "started > 2d", "config.none is not null"]
)
filters = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join),
        inner.map("not ({})".format),
    ),
    max_leaves=6,
)


def listed(one: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(one, min_size=1, max_size=4, unique=True).map(",".join)


schemathesis.openapi.format("runledger-filter", filters)
schemathesis.openapi.format("runledger-order", listed(fields.filter(lambda field: field != "tag").map("-{}".format)))
schemathesis.openapi.format("runledger-columns", listed(fields))
schemathesis.openapi.format("runledger-by", listed(fields))
schemathesis.openapi.format("runledger-run", st.sampled_from([*runs, "zzzzzzzzzzzzz"]))
schemathesis.openapi.format("runledger-metric", st.sampled_from([*metrics, "none"]))
# One belongs to the order in which it was given, which is chosen independently; a blank one is none.
schemathesis.openapi.format("runledger-cursor", st.just(""))
schemathesis.openapi.format("runledger-position", st.just(position))

# Lines of events, sound ones and others.
words = st.one_of(st.sampled_from(["loss", "val/acc", "lr", "../up", "NaN", ""]), st.text(max_size=12))
numbers = st.one_of(st.floats(), st.integers(), st.sampled_from(["NaN", "-Infinity", "0.5"]))
values = st.one_of(numbers, words, st.none(), st.booleans(), st.lists(numbers, max_size=3))
objects = st.dictionaries(words, values, max_size=4)
moments = st.one_of(st.just(1763917445.25), st.just("2026-11-23T17:04:05.123Z"), values)
starts = st.fixed_dictionaries({"start": st.one_of(st.just({"experiment": "7", "seed": 3}), objects)})
rest = st.one_of(
    st.fixed_dictionaries(
        {"metrics": st.dictionaries(words, numbers, max_size=4)},
        optional={"step": values, "epoch": values, "elapsed_seconds": values},
    ),
    st.fixed_dictionaries(
        {"status": st.one_of(st.sampled_from(["completed", "failed"]), words)}, optional={"exit_code": values}
    ),
    st.fixed_dictionaries({"artifact": objects}),
    st.fixed_dictionaries({"annotate": objects}),
    st.fixed_dictionaries({"results": objects}),
    st.fixed_dictionaries({"error": objects}),
    st.fixed_dictionaries({"dropped": objects}),
    st.just({"end": True}),
    objects,
)


def line(parts: Any) -> str:
    at, kind = parts
    return json.dumps({"at": at, **kind}) if isinstance(kind, dict) else json.dumps(kind)


lines = st.one_of(st.tuples(moments, rest).map(line), st.sampled_from(["", "not JSON", "{", "[[[[", "\x00"]))
schemathesis.openapi.format(
    "runledger-lines",
    st.tuples(st.tuples(moments, starts).map(line), st.lists(lines, max_size=6)).map(
        lambda parts: "\n".join([parts[0], *parts[1]]) + "\n"
    ),
)


@schemathesis.serializer("application/x-ndjson")
def ndjson(context: Any, value: Any) -> bytes:
    """The lines, compressed where the header says so; what is no text is sent as it would be printed."""
    body = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
    headers = {name.lower(): text for name, text in (context.case.headers or {}).items()}
    return gzip.compress(body) if headers.get("content-encoding") == "gzip" else body


def made(call: str, field: str, **body: Any) -> str:
    url = os.environ["API_URL"].replace("/api/v1/", "/api/2.0/mlflow/") + call
    request = urllib.request.Request(
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        text: str = json.dumps(json.load(answer))
    return text.split(f'"{field}": "', 1)[1].split('"', 1)[0]


if os.environ.get("API_MLFLOW"):
    experiment = made("experiments/create", "experiment_id", name=f"fuzzed {os.getpid()}")
    run = made("runs/create", "run_id", experiment_id=experiment)
    model = made("logged-models", "model_id", experiment_id=experiment, name="m")
    names = st.sampled_from(["a", "plots", "b.txt", "..", ".", "%2e%2e", "a b", "~", "\u00e9", "C:", "\\"])
    schemathesis.openapi.format("mlflow-run", st.sampled_from([run, run, run, "zzzzzzzzzzzzz", "0" * 32]))
    schemathesis.openapi.format("mlflow-experiment", st.sampled_from([experiment, experiment, "0", "1"]))
    schemathesis.openapi.format("mlflow-model", st.sampled_from([model, model, "m-0", "..", "a/b"]))
    schemathesis.openapi.format("mlflow-path", st.lists(names, min_size=1, max_size=4).map("/".join))
