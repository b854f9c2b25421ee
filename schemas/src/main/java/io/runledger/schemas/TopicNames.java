package io.runledger.schemas;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the four topics of one ledger are called on its cluster: {@code PREFIX.runs}, {@code
 * PREFIX.metrics}, {@code PREFIX.errors} and {@code PREFIX.slurm}. Several ledgers share a cluster
 * by having separate prefixes. Immutable.
 *
 * @param prefix the setting {@code topics.prefix}, which has checked it
 */
public record TopicNames(String prefix) {

  /** The default names. */
  public static final TopicNames DEFAULT = new TopicNames("runledger");

  /** Name of the topic in Kafka. */
  public String name(Topics kind) {
    return prefix + "." + kind.word();
  }

  /** Subject of the topic's schema in the registry. */
  public String subject(Topics kind) {
    return name(kind) + "-value";
  }

  /** The names of all four, in a fixed order. */
  public List<String> all() {
    return Arrays.stream(Topics.values()).map(this::name).toList();
  }

  /**
   * The kind of a topic with this name, whatever its prefix; empty for a name that cannot be one.
   * Serializers use it, which Kafka makes without our settings.
   */
  public static Optional<Topics> kindOf(String topic) {
    for (Topics kind : Topics.values()) {
      String ending = "." + kind.word();
      if (topic.endsWith(ending) && topic.length() > ending.length()) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /** The prefix of a name that {@link #kindOf} knows; any other name as it is. */
  public static String prefixOf(String topic) {
    return kindOf(topic)
        .map(kind -> topic.substring(0, topic.length() - kind.word().length() - 1))
        .orElse(topic);
  }
}
