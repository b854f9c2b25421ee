package io.runledger.serde.registry;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import org.apache.avro.Schema;

/**
 * The schemas of one ledger, as its registry knows them. A registry that does not even know the
 * ledger's subjects cannot say that a schema does not exist: it is another one, or it has lost its
 * data. That is an outage, and not a fault of the record. As thread-safe as the registry.
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

  private final TopicNames topics;
  private final Registry registry;

  public LedgerSchemas(TopicNames topics, Registry registry) {
    this.topics = topics;
    this.registry = registry;
  }

  /**
   * The schema with this id.
   *
   * @throws SchemaNotFoundException when the ledger's registry has none
   * @throws RegistryUnavailableException when nobody could say
   */
  @Override
  public Schema apply(int id) {
    Map<Integer, Schema> found = new LinkedHashMap<>();
    Map<Integer, SchemaNotFoundException> missing = lookUp(Set.of(id), found::put);
    if (missing.containsKey(id)) {
      throw missing.get(id);
    }
    return found.get(id);
  }

  /**
   * Asks for several schemas. The registry is asked for the ledger's subjects before and after,
   * because its data may go or come back meanwhile.
   *
   * @param found takes each schema as it comes, also where a later one cannot be had
   * @return why the others do not exist
   * @throws RegistryUnavailableException when nobody could say
   */
  public Map<Integer, SchemaNotFoundException> lookUp(
      Set<Integer> ids, BiConsumer<Integer, Schema> found) {
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
    return missing;
  }

  private boolean isOurs() {
    return Arrays.stream(Topics.values()).map(topics::subject).anyMatch(registry::hasSubject);
  }
}
