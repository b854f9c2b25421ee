"""A producer that knows nothing of Runledger but its schemas: one run, its metrics, its end.

    pip install confluent-kafka fastavro
    python foreign_producer.py 127.0.0.1:9092 http://127.0.0.1:8081/apis/ccompat/v7
"""

import hashlib
import io
import json
import struct
import sys
import time
import urllib.request

import fastavro
from confluent_kafka import Producer

EVENT = "io.runledger.schemas.event."
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def schema(registry, topic):
    """The id and the schema of a topic's values."""
    with urllib.request.urlopen(f"{registry}/subjects/{topic}-value/versions/latest") as answer:
        latest = json.load(answer)
    return latest["id"], fastavro.parse_schema(json.loads(latest["schema"]))


def run_id(experiment, seed):
    """The id of the run with this key; deploy/docs/run-id.md has all six parts."""
    text = experiment.encode()
    parts = b"\1" + struct.pack(">i", len(text)) + text + b"\0\0\0\0" + struct.pack(">bq", 2, seed)
    digest = hashlib.sha256(b"runledger.run-key.v1\0" + parts).digest()
    return int.from_bytes(digest[:8], "big") & (2**63 - 1) or 1


def text_of(number):
    """13 characters of base 32."""
    return "".join(DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def encoded(schema_id, parsed, record):
    body = io.BytesIO()
    # Strict, and with the branch of the union named (see happened): a plain dict is taken for
    # whatever branch it fits, and {"reason": ...} fits RunDeleted, which hides the run.
    fastavro.schemaless_writer(body, parsed, record, strict_allow_default=True)
    return b"\0" + struct.pack(">I", schema_id) + body.getvalue()


def happened(kind, **fields):
    """A branch of the union by its name."""
    return (EVENT + kind, fields)


def main(brokers, registry):
    run = run_id("foreign", 1)
    milliseconds = int(time.time() * 1000)
    attempt = milliseconds << 21 | 1  # ids are ordered by time; the low 21 bits are anybody's
    writer = milliseconds << 21 | 2
    now = milliseconds * 1000
    whose = {"run_id": run, "attempt_id": attempt, "writer_id": writer}
    runs, metrics = schema(registry, "runledger.runs"), schema(registry, "runledger.metrics")
    producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True})

    def send(topic, which, record):
        producer.produce(topic, key=text_of(run), value=encoded(*which, record))

    key = {"experiment": "foreign", "seed": 1}
    kinds = [
        happened("RunStarted", key=key, config=json.dumps({"lr": 0.1})),
        happened("RunStatusChanged", status="completed", source="job"),
    ]
    for seq, kind in enumerate(kinds):
        send("runledger.runs", runs, {**whose, "seq": seq, "at": now, "event": kind})
    rows = [{"at": now, "step": step, "values": {"loss": 1 / (step + 1)}} for step in range(10)]
    send("runledger.metrics", metrics, {**whose, "first_seq": 0, "rows": rows})
    producer.flush(30)
    print(text_of(run))


if __name__ == "__main__":
    main(*sys.argv[1:])
