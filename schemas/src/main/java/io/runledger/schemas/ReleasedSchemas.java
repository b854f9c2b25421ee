package io.runledger.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * The schemas of the topics' values in every version that was ever released: what segments and
 * topics hold, however old they are. Thread-safe.
 */
public final class ReleasedSchemas {

  /** The newest version: the one that our classes were generated from. */
  private static final int NEWEST = 3;

  private static final int NUMBERS_A_TOPIC = 1_000;

  private ReleasedSchemas() {}

  /** Read from the class path only where something is not of the newest version. */
  private static final class All {
    private static final Map<Topics, List<Schema>> VERSIONS = new EnumMap<>(Topics.class);

    static {
      for (Topics topic : Topics.values()) {
        List<Schema> versions = new ArrayList<>();
        for (int version = 1; version < NEWEST; version++) {
          versions.add(parsed(topic, version));
        }
        versions.add(topic.schema());
        VERSIONS.put(topic, List.copyOf(versions));
      }
    }
  }

  /** The versions of the topic's schema, oldest first; the last one is that of our classes. */
  public static List<Schema> of(Topics topic) {
    return All.VERSIONS.get(topic);
  }

  /**
   * The newest released version with the same names and types as {@code written}, hence the same
   * bytes; words and defaults may differ.
   */
  public static Optional<Schema> sameAs(Schema written, Topics topic) {
    String form = SchemaNormalization.toParsingForm(written);
    if (SchemaNormalization.toParsingForm(topic.schema()).equals(form)) {
      return Optional.of(topic.schema());
    }
    List<Schema> versions = of(topic);
    for (int i = versions.size() - 2; i >= 0; i--) {
      if (SchemaNormalization.toParsingForm(versions.get(i)).equals(form)) {
        return Optional.of(versions.get(i));
      }
    }
    return Optional.empty();
  }

  /**
   * The schema with a number of ours: for values that are kept where there is no registry.
   *
   * @return empty for a number that no release has
   */
  public static Optional<Schema> ofNumber(int number) {
    int version = number % NUMBERS_A_TOPIC;
    return Arrays.stream(Topics.values())
        .filter(topic -> firstNumber(topic) + version == number)
        .filter(topic -> version >= 1 && version <= NEWEST)
        .map(topic -> of(topic).get(version - 1))
        .findFirst();
  }

  private static int firstNumber(Topics topic) {
    return NUMBERS_A_TOPIC
        * switch (topic) {
          case RUNS -> 1;
          case METRICS -> 2;
          case ERRORS -> 3;
          case SLURM -> 4;
        };
  }

  /** The number of the newest schema of a topic; never changes once it is released. */
  public static int newestNumber(Topics topic) {
    return firstNumber(topic) + NEWEST;
  }

  private static Schema parsed(Topics topic, int version) {
    String file = "released/" + version + "/" + topic.schema().getName() + ".avsc";
    try (InputStream in = ReleasedSchemas.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("The class path has no " + file + ".");
      }
      return new Schema.Parser().parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file + " from the class path.", e);
    }
  }
}
