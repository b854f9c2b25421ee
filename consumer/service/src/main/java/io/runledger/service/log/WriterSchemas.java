package io.runledger.service.log;

import io.runledger.schemas.TopicNames;
import io.runledger.serde.registry.LedgerSchemas;
import io.runledger.serde.registry.RegistryUnavailableException;
import io.runledger.serde.registry.SchemaNotFoundException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.apache.avro.Schema;

/**
 * Writer schemas by registry id: those that the database holds, then those that the registry knows.
 * A schema that came from the registry is put on the cache, so that a rebuild needs no registry.
 * Not thread-safe.
 *
 * <p>Once the registry failed to answer, which is not a verdict on any id, it is not asked again
 * before {@link #newBatch()}: sixteen partitions do not wait for sixteen timeouts.
 */
public final class WriterSchemas implements IntFunction<Schema> {

  /** Where schemas are kept, next to the rows. */
  public interface SchemaCache {
    Optional<String> schema(int id);

    void remember(int id, String schema);
  }

  private final LedgerSchemas registry;
  private final SchemaCache cache;
  private final Map<Integer, Schema> known = new HashMap<>();
  private Optional<RegistryUnavailableException> outage = Optional.empty();

  public WriterSchemas(
      TopicNames topics, LedgerSchemas.Registry registry, SchemaCache cache, InstantSource clock) {
    this.registry = new LedgerSchemas(topics, registry, clock);
    this.cache = cache;
  }

  /**
   * Lets the registry be asked again after an outage, and again for what was not there long ago.
   */
  void newBatch() {
    registry.forgetOldAnswers();
    outage = Optional.empty();
  }

  /** Forgets what the registry did not have: it may have been registered just now. */
  void askAnew() {
    registry.forgetAnswers();
    outage = Optional.empty();
  }

  /** Forgets what is known, because the cache may now be another one that must hold it too. */
  void forgetSchemas() {
    known.clear();
  }

  /**
   * The schema with this id.
   *
   * @throws SchemaNotFoundException when the registry says that there is none
   * @throws RegistryUnavailableException when that cannot be determined
   */
  @Override
  public Schema apply(int id) {
    lookUp(Set.of(id));
    Schema schema = known.get(id);
    if (schema != null) {
      return schema;
    }
    Optional<SchemaNotFoundException> notFound = registry.notFound(id);
    if (notFound.isPresent()) {
      throw notFound.get();
    }
    throw outage.orElseThrow();
  }

  /** Looks up all of these, as far as possible now. */
  void lookUp(Set<Integer> ids) {
    Set<Integer> news = new LinkedHashSet<>();
    for (int id : ids) {
      if (!known.containsKey(id) && registry.notFound(id).isEmpty() && !isCached(id)) {
        news.add(id);
      }
    }
    if (news.isEmpty() || outage.isPresent()) {
      return;
    }
    try {
      registry.lookUp(news, this::keep);
    } catch (RegistryUnavailableException e) {
      outage = Optional.of(e);
    }
  }

  private boolean isCached(int id) {
    Optional<String> cached = cache.schema(id);
    cached.ifPresent(text -> known.put(id, new Schema.Parser().parse(text)));
    return cached.isPresent();
  }

  private void keep(int id, Schema schema) {
    cache.remember(id, schema.toString());
    known.put(id, schema);
  }
}
