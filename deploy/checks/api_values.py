"""What schemathesis fills in where the description of the API says more than a JSON schema can.

Filters, orders and columns are made of the filter language; ids, metrics and positions are those of the
ledger that is asked, so that most questions have an answer.
"""

from __future__ import annotations

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


runs = get("runs", columns="id", limit="20")["columns"]["id"]
metrics = [name["name"] for name in get("names", kind="metric")["names"]]
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
