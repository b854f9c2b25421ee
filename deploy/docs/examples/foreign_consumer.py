"""A consumer that knows nothing of Runledger but the wire format: prints each event as one line.

    pip install confluent-kafka fastavro
    python foreign_consumer.py 127.0.0.1:9092 http://127.0.0.1:8081/apis/ccompat/v7
"""

import io
import json
import struct
import sys
import urllib.request

import fastavro
from confluent_kafka import Consumer, KafkaException

TOPICS = ["runledger.runs", "runledger.metrics", "runledger.errors", "runledger.slurm"]


def main(brokers, registry):
    schemas = {}

    def decoded(value):
        magic, schema_id = struct.unpack(">bI", value[:5])
        if magic != 0:
            raise ValueError("not Confluent's wire format")
        if schema_id not in schemas:
            with urllib.request.urlopen(f"{registry}/schemas/ids/{schema_id}") as answer:
                schemas[schema_id] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))
        # With return_record_name a branch of the union comes as (its name, its fields): what
        # happened cannot be told from the fields alone.
        return fastavro.schemaless_reader(
            io.BytesIO(value[5:]), schemas[schema_id], return_record_name=True
        )

    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "foreign-consumer",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    consumer.subscribe(TOPICS)
    ends = set()
    partitions = sum(len(consumer.list_topics(topic).topics[topic].partitions) for topic in TOPICS)
    while len(ends) < partitions:
        message = consumer.poll(30)
        if message is None:
            raise TimeoutError("the broker says nothing for 30 seconds")
        if message.error():
            if message.error().name() != "_PARTITION_EOF":
                raise KafkaException(message.error())
            ends.add((message.topic(), message.partition()))
            continue
        event = decoded(message.value())
        print(message.topic(), message.key().decode(), json.dumps(event, default=str))
    consumer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
