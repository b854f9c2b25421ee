package io.runledger.serde.registry;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import org.apache.avro.Schema;

/**
 * The schemas of one ledger, as its registry knows them. A registry that does not even know the
 * ledger's subjects cannot say that a schema does not exist: it is another one, or it has lost its
 * data. That is an outage, and not a fault of the record. Not thread-safe.
 *
 * <p>That there is no schema with an id is believed for a minute, so that a flood of such records
 * does not ask the registry once each and keep others waiting.
 */
public final class LedgerSchemas implements IntFunction<Schema> {

  /** What a registry is asked for; each method throws {@link RegistryUnavailableException}. */
  public interface Registry {

    /**
     * The schema with this id.
     *
     * @throws SchemaNotFoundException when there is none
     */
    Schema schema(int id);

    boolean hasSubject(String subject);
  }

  /** A schema may be registered late, so the registry is asked again after this. */
  public static final Duration BELIEVED = Duration.ofSeconds(60);

  /** Ids that the registry does not have; some 20 MB when each bad record has a different one. */
  private static final int MOST_UNKNOWN = 100_000;

  private final TopicNames topics;
  private final Registry registry;
  private final InstantSource clock;

  /** Without the exceptions, whose traces would take more room than all else. Oldest first. */
  private final Map<Integer, Unknown> unknown = new LinkedHashMap<>();

  private record Unknown(String sentence, Instant until) {}

  public LedgerSchemas(TopicNames topics, Registry registry, InstantSource clock) {
    this.topics = topics;
    this.registry = registry;
    this.clock = clock;
  }

  /**
   * The schema with this id.
   *
   * @throws SchemaNotFoundException when the ledger's registry has none
   * @throws RegistryUnavailableException when nobody could say
   */
  @Override
  public Schema apply(int id) {
    forgetOldAnswers();
    Map<Integer, Schema> found = new LinkedHashMap<>();
    if (notFound(id).isEmpty()) {
      lookUp(Set.of(id), found::put);
    }
    return Optional.ofNullable(found.get(id)).orElseThrow(() -> notFound(id).orElseThrow());
  }

  /** Why there is no schema with this id, where the registry has said so and is still believed. */
  public Optional<SchemaNotFoundException> notFound(int id) {
    return Optional.ofNullable(unknown.get(id))
        .map(answer -> new SchemaNotFoundException(answer.sentence(), null));
  }

  /** Lets the registry be asked again for what it did not have a minute ago. */
  public void forgetOldAnswers() {
    Instant now = clock.instant();
    unknown.values().removeIf(answer -> !now.isBefore(answer.until()));
  }

  /** Forgets all that the registry did not have: it may have been registered just now. */
  public void forgetAnswers() {
    unknown.clear();
  }

  /**
   * Asks for several schemas, whatever was answered before. The registry is asked for the ledger's
   * subjects before and after, because its data may go or come back meanwhile. Of those that do not
   * exist, {@link #notFound} knows why.
   *
   * @param found takes each schema as it comes, also where a later one cannot be had
   * @throws RegistryUnavailableException when nobody could say
   */
  public void lookUp(Set<Integer> ids, BiConsumer<Integer, Schema> found) {
    boolean wasOurs = isOurs();
    Map<Integer, SchemaNotFoundException> missing = new LinkedHashMap<>();
    for (int id : ids) {
      try {
        found.accept(id, registry.schema(id));
      } catch (SchemaNotFoundException e) {
        missing.put(id, e);
      }
    }
    if (!missing.isEmpty() && !(wasOurs && isOurs())) {
      throw new RegistryUnavailableException(
          "The schema registry knows neither schema %d nor any subject of Runledger; correct schema.registry.url, or restore the registry's data."
              .formatted(missing.keySet().iterator().next()),
          null);
    }
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

  private boolean isOurs() {
    return Arrays.stream(Topics.values()).map(topics::subject).anyMatch(registry::hasSubject);
  }
}
