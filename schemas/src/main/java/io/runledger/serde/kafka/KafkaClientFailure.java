package io.runledger.serde.kafka;

import io.runledger.config.InvalidConfigurationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;

/**
 * Says why one of Kafka's clients could not be made. Its own word is "Failed to create new
 * KafkaAdminClient", and what went wrong is some causes below: a password that is not the
 * truststore's, a timeout that is not a number.
 */
public final class KafkaClientFailure {

  /** What Kafka's clients say of any failure to make them. */
  private static final Pattern SAYS_NOTHING =
      Pattern.compile("Failed to (?:create new \\w+|construct kafka \\w+)");

  /** A file of this setting is opened with the settings of the same name that end otherwise. */
  private static final String LOCATION = ".location";

  private KafkaClientFailure() {}

  /**
   * What {@code maker} makes of {@code settings}.
   *
   * @throws InvalidConfigurationException when Kafka refuses them, with its reason
   */
  public static <T> T explained(Map<String, ?> settings, Supplier<T> maker) {
    try {
      return maker.get();
    } catch (KafkaException e) {
      throw new InvalidConfigurationException(sentence(e, settings), e);
    }
  }

  private static String sentence(KafkaException failure, Map<String, ?> settings) {
    String reason = String.join(": ", reasons(failure));
    Set<String> suspects = suspects(reason, settings);
    return "The Kafka client cannot be created: %s%s Check %s."
        .formatted(
            reason,
            reason.endsWith(".") ? "" : ".",
            suspects.isEmpty()
                ? "the settings of Kafka's clients; 'runledger config show' lists them"
                : String.join(", ", suspects));
  }

  /**
   * What the failure and its causes say, outermost first; what only repeats a cause is left out.
   */
  private static List<String> reasons(Throwable failure) {
    List<String> reasons = new ArrayList<>();
    Set<Throwable> seen = new HashSet<>();
    for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
      String message = cause.getMessage() == null ? "" : cause.getMessage().strip();
      String said = message.lines().findFirst().orElse(cause.getClass().getSimpleName());
      reasons.removeIf(outer -> outer.contains(said));
      reasons.add(said);
    }
    if (reasons.size() > 1) {
      reasons.removeIf(said -> SAYS_NOTHING.matcher(said).matches());
    }
    return reasons;
  }

  /** The settings that the reason names, or whose files it names. */
  private static Set<String> suspects(String reason, Map<String, ?> settings) {
    Set<String> words =
        Arrays.stream(reason.split("[^A-Za-z0-9._]+"))
            .map(word -> word.replaceAll("\\.+$", ""))
            .collect(Collectors.toSet());
    Set<String> suspects = new TreeSet<>();
    for (Set<String> known :
        List.of(
            AdminClientConfig.configNames(),
            ConsumerConfig.configNames(),
            ProducerConfig.configNames())) {
      known.stream().filter(words::contains).forEach(suspects::add);
    }
    if (words.contains("JAAS")) {
      suspects.add("sasl.jaas.config");
    }
    settings.forEach(
        (key, value) -> {
          if (key.endsWith(LOCATION) && reason.contains(String.valueOf(value))) {
            suspects.add(key);
            suspects.add(key.substring(0, key.length() - LOCATION.length()) + ".password");
          }
        });
    return suspects;
  }
}
