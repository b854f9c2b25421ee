package io.runledger.service;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.RegistryUnavailableException;
import io.runledger.serde.SchemaNotFoundException;
import io.runledger.serde.SchemaRegistryClient;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.apache.avro.Schema;

/**
 * Writer schemas by registry id: those that the database holds, then those that the registry knows.
 * A schema that came from the registry is put on the shelf, so that a rebuild needs no registry.
 * Not thread-safe.
 *
 * <p>One batch asks about an id once. Once the registry failed to answer, it is not asked again
 * before {@link #newBatch()}: sixteen partitions do not wait for sixteen timeouts.
 */
final class WriterSchemas implements IntFunction<Schema> {

  /** Where schemas are kept beside the rows. */
  interface Shelf {
    Optional<String> schema(int id);

    void remember(int id, String schema);
  }

  private final TopicNames topics;
  private final SchemaRegistryClient registry;
  private final Map<Integer, Schema> known = new HashMap<>();
  private final Map<Integer, SchemaNotFoundException> unknown = new HashMap<>();
  private Optional<RegistryUnavailableException> outage = Optional.empty();
  private final Shelf shelf;

  WriterSchemas(TopicNames topics, SchemaRegistryClient registry, Shelf shelf) {
    this.topics = topics;
    this.registry = registry;
    this.shelf = shelf;
  }

  /** Forgets what is not known, so that it is asked for again. */
  void newBatch() {
    unknown.clear();
    outage = Optional.empty();
  }

  /** Forgets what is known, because the shelf may be another one now, and must hold it too. */
  void newShelf() {
    known.clear();
  }

  /**
   * The schema with this id.
   *
   * @throws SchemaNotFoundException when the registry says that there is none
   * @throws RegistryUnavailableException when nobody could say
   */
  @Override
  public Schema apply(int id) {
    Schema schema = known.get(id);
    if (schema == null) {
      schema = find(id);
      known.put(id, schema);
    }
    return schema;
  }

  private Schema find(int id) {
    Optional<String> shelved = shelf.schema(id);
    if (shelved.isPresent()) {
      return new Schema.Parser().parse(shelved.get());
    }
    if (unknown.containsKey(id)) {
      throw unknown.get(id);
    }
    if (outage.isPresent()) {
      throw outage.get();
    }
    try {
      Schema schema = asked(id);
      shelf.remember(id, schema.toString());
      return schema;
    } catch (SchemaNotFoundException e) {
      unknown.put(id, e);
      throw e;
    } catch (RegistryUnavailableException e) {
      outage = Optional.of(e);
      throw e;
    }
  }

  /**
   * A registry that does not even know our subjects cannot say that a schema does not exist: it is
   * another one, or it has lost its data. That is an outage, and no fault of the record.
   */
  private Schema asked(int id) {
    try {
      return registry.schema(id);
    } catch (SchemaNotFoundException e) {
      if (Arrays.stream(Topics.values()).map(topics::subject).noneMatch(registry::hasSubject)) {
        throw new RegistryUnavailableException(
            "The schema registry knows neither schema %d nor any subject of Runledger; correct schema.registry.url, or restore the registry's data."
                .formatted(id),
            e);
      }
      // Once more: its data may have come back between the two questions.
      return registry.schema(id);
    }
  }
}
