package io.runledger.service.log;

import io.runledger.schemas.TopicNames;
import io.runledger.serde.registry.LedgerSchemas;
import io.runledger.serde.registry.RegistryUnavailableException;
import io.runledger.serde.registry.SchemaNotFoundException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
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
 * <p>The registry is asked for an id once; that it has none is believed for a minute, so that a
 * flood of such records keeps no other waiting. Once it failed to answer, which is not a verdict on
 * any id, it is not asked again before {@link #newBatch()}: sixteen partitions do not wait for
 * sixteen timeouts.
 */
public final class WriterSchemas implements IntFunction<Schema> {

  /** Where schemas are kept, next to the rows. */
  public interface SchemaCache {
    Optional<String> schema(int id);

    void remember(int id, String schema);
  }

  /** A schema may be registered late, so the registry is asked again after this. */
  static final Duration BELIEVED = Duration.ofSeconds(60);

  /** Ids that the registry does not have; some 20 MB when each bad record has a different one. */
  private static final int MOST_UNKNOWN = 100_000;

  private final LedgerSchemas registry;
  private final SchemaCache cache;
  private final InstantSource clock;
  private final Map<Integer, Schema> known = new HashMap<>();

  /** Without the exceptions, whose traces would take more room than all else. Oldest first. */
  private final Map<Integer, Unknown> unknown = new LinkedHashMap<>();

  private Optional<RegistryUnavailableException> outage = Optional.empty();

  private record Unknown(String sentence, Instant until) {}

  public WriterSchemas(
      TopicNames topics, LedgerSchemas.Registry registry, SchemaCache cache, InstantSource clock) {
    this.registry = new LedgerSchemas(topics, registry);
    this.cache = cache;
    this.clock = clock;
  }

  /**
   * Lets the registry be asked again after an outage, and again for what was not there long ago.
   */
  void newBatch() {
    Instant now = clock.instant();
    unknown.values().removeIf(answer -> !now.isBefore(answer.until()));
    outage = Optional.empty();
  }

  /** Forgets what the registry did not have: it may have been registered just now. */
  void askAnew() {
    unknown.clear();
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
    Unknown answer = unknown.get(id);
    if (answer != null) {
      throw new SchemaNotFoundException(answer.sentence(), null);
    }
    throw outage.orElseThrow();
  }

  /** Looks up all of these, as far as possible now. */
  void lookUp(Set<Integer> ids) {
    Set<Integer> news = new LinkedHashSet<>();
    for (int id : ids) {
      if (!known.containsKey(id) && !unknown.containsKey(id) && !isShelved(id)) {
        news.add(id);
      }
    }
    if (news.isEmpty() || outage.isPresent()) {
      return;
    }
    try {
      ask(news);
    } catch (RegistryUnavailableException e) {
      outage = Optional.of(e);
    }
  }

  private boolean isShelved(int id) {
    Optional<String> cached = cache.schema(id);
    cached.ifPresent(text -> known.put(id, new Schema.Parser().parse(text)));
    return cached.isPresent();
  }

  private void ask(Set<Integer> ids) {
    Map<Integer, SchemaNotFoundException> missing =
        registry.lookUp(
            ids,
            (id, schema) -> {
              cache.remember(id, schema.toString());
              known.put(id, schema);
            });
    Instant until = clock.instant().plus(BELIEVED);
    missing.forEach((id, why) -> unknown.put(id, new Unknown(why.getMessage(), until)));
    forgetTheOldest(ids);
  }

  /** Keeps those that were just asked for, however many they are: their records are in hand. */
  private void forgetTheOldest(Set<Integer> inHand) {
    Iterator<Integer> oldest = unknown.keySet().iterator();
    while (unknown.size() > MOST_UNKNOWN && oldest.hasNext()) {
      if (!inHand.contains(oldest.next())) {
        oldest.remove();
      }
    }
  }
}
