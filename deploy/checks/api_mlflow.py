"""Prints what schemathesis has to know of the calls of MLflow's clients that write: an OpenAPI document.

MLflow describes them as protocol buffers, and our own description of the API has none of them, because nobody is
to write a program after it. This one is for the check alone: bodies, and the form of answers.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Dict, List

Schema = Dict[str, Any]

TEXT: Schema = {"type": "string"}
#: Whole numbers of 64 bits come as numbers and as texts.
INT64: Schema = {
    "oneOf": [
        {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
        {"type": "string", "pattern": "^-?[0-9]{1,18}$"},
    ]
}
DOUBLE: Schema = {"oneOf": [{"type": "number"}, {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}]}
RUN: Schema = {"type": "string", "format": "mlflow-run"}
EXPERIMENT: Schema = {"type": "string", "format": "mlflow-experiment"}
MODEL: Schema = {"type": "string", "format": "mlflow-model"}
STATUS: Schema = {"type": "string", "enum": ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]}


def record(required: str = "", **properties: Schema) -> Schema:
    """An object with these properties; those that are required are named with blanks between them."""
    return {"type": "object", "properties": properties, "required": required.split()}


def some(of: Schema, most: int = 5) -> Schema:
    return {"type": "array", "items": of, "maxItems": most}


TAG = record("key value", key=TEXT, value=TEXT)
METRIC_VALUES: Dict[str, Schema] = {"key": TEXT, "value": DOUBLE, "timestamp": INT64, "step": INT64}
METRIC = record("key value timestamp", **METRIC_VALUES)
DATASET = record("name digest", name=TEXT, digest=TEXT, source_type=TEXT, source=TEXT, profile=TEXT)

CALLS: Dict[str, Schema] = {
    "experiments/create": record("name", name=TEXT, tags=some(TAG)),
    "experiments/set-experiment-tag": record("experiment_id key value", experiment_id=EXPERIMENT, key=TEXT, value=TEXT),
    "experiments/delete-experiment-tag": record("experiment_id key", experiment_id=EXPERIMENT, key=TEXT),
    "experiments/delete": record("experiment_id", experiment_id=EXPERIMENT),
    "experiments/restore": record("experiment_id", experiment_id=EXPERIMENT),
    "runs/create": record(
        experiment_id=EXPERIMENT, user_id=TEXT, run_name=TEXT, start_time=INT64, tags=some(TAG)
    ),
    "runs/update": record("run_id", run_id=RUN, status=STATUS, end_time=INT64, run_name=TEXT),
    "runs/delete": record("run_id", run_id=RUN),
    "runs/restore": record("run_id", run_id=RUN),
    "runs/log-metric": record("run_id key value timestamp", run_id=RUN, **METRIC_VALUES),
    "runs/log-parameter": record("run_id key value", run_id=RUN, key=TEXT, value=TEXT),
    "runs/log-batch": record("run_id", run_id=RUN, metrics=some(METRIC), params=some(TAG), tags=some(TAG)),
    "runs/set-tag": record("run_id key value", run_id=RUN, key=TEXT, value=TEXT),
    "runs/delete-tag": record("run_id key", run_id=RUN, key=TEXT),
    "runs/log-inputs": record(
        "run_id",
        run_id=RUN,
        datasets=some(record("dataset", tags=some(TAG), dataset=DATASET)),
        models=some(record("model_id", model_id=TEXT)),
    ),
    "runs/outputs": record("run_id", run_id=RUN, models=some(record("model_id", model_id=TEXT, step=INT64))),
    "logged-models": record(
        "experiment_id",
        experiment_id=EXPERIMENT,
        name=TEXT,
        model_type=TEXT,
        source_run_id=RUN,
        params=some(TAG),
        tags=some(TAG),
    ),
    "logged-models/search": record(
        experiment_ids=some(EXPERIMENT), filter=TEXT, max_results=INT64, page_token=TEXT
    ),
    "logged-models/{model}/params": record(params=some(TAG)),
}

CHANGES: Dict[str, Schema] = {
    "logged-models/{model}": record(
        "status",
        model_id=MODEL,
        status={"type": "string", "enum": ["LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"]},
    ),
    "logged-models/{model}/tags": record(tags=some(TAG)),
}

PATH: Schema = {"name": "path", "in": "path", "required": True, "schema": {"type": "string", "format": "mlflow-path"}}
MODEL_PARAMETER: Schema = {"name": "model", "in": "path", "required": True, "schema": MODEL}
BYTES: Schema = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def answers(content: Schema) -> Schema:
    error: Schema = {
        "application/json": {"schema": record("error_code message", error_code=TEXT, message=TEXT)},
        # What the server refuses before it knows whose call it is: a path that no program means.
        "application/problem+json": {"schema": record("status title", status={"type": "integer"}, title=TEXT)},
    }
    refused = {str(status): {"description": "Refused.", "content": error} for status in (400, 401, 403, 404, 413, 415)}
    return {"200": {"description": "Done.", "content": content}, **refused}


def operation(name: str, parameters: List[Schema], body: Schema, content: Schema) -> Schema:
    described: Schema = {"operationId": name, "parameters": parameters, "responses": answers(content)}
    if body:
        described["requestBody"] = {"required": True, "content": body}
    return described


def document() -> Schema:
    done: Schema = {"application/json": {"schema": {"type": "object"}}}
    paths: Dict[str, Schema] = {}

    def add(path: str, method: str, body: Schema, content: Schema, parameters: List[Schema]) -> None:
        paths.setdefault(path, {})[method] = operation(f"{method} {path}", parameters, body, content)

    for method, calls in (("post", CALLS), ("patch", CHANGES)):
        for call, schema in calls.items():
            parameters = [MODEL_PARAMETER] if "{model}" in call else []
            add(f"/api/2.0/mlflow/{call}", method, {"application/json": {"schema": schema}}, done, parameters)
    for method in ("get", "delete"):
        add("/api/2.0/mlflow/logged-models/{model}", method, {}, done, [MODEL_PARAMETER])
    files = "/api/2.0/mlflow-artifacts/artifacts"
    listed: Schema = {"name": "path", "in": "query", "schema": {"type": "string", "format": "mlflow-path"}}
    add(files, "get", {}, done, [listed])
    add(files + "/{path}", "put", BYTES, done, [PATH])
    add(files + "/{path}", "get", {}, BYTES, [PATH])
    add(files + "/{path}", "delete", {}, done, [PATH])
    return {"openapi": "3.1.0", "info": {"title": "MLflow's calls that write", "version": "2.0"}, "paths": paths}


if __name__ == "__main__":
    json.dump(document(), sys.stdout)
