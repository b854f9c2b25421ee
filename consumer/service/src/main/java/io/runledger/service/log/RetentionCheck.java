package io.runledger.service.log;

import java.util.List;
import java.util.Optional;

/**
 * Whether the topics are set to forget, unless an operator accepted that: what Kafka deletes or
 * compacts away, no rebuild brings back. Thread-safe.
 */
public final class RetentionCheck {

  private final Brokers brokers;
  private final boolean accepted;

  public RetentionCheck(Brokers brokers, boolean accepted) {
    this.brokers = brokers;
    this.accepted = accepted;
  }

  /**
   * What was found.
   *
   * @param settings settings that make a topic forget, as phrases
   */
  public record Forgetful(List<String> settings) {

    /** The topics, the settings, their values, and the ways out. */
    public String sentence() {
      return "Topic "
          + String.join("; topic ", settings)
          + ". No rebuild can bring back what Kafka deletes. Run 'runledger topics init' to correct"
          + " the topics, or start the service with finite.retention.accepted=true to accept"
          + " it.";
    }
  }

  /** Asks the brokers; empty when nothing is forgotten, or that was accepted. */
  public Optional<Forgetful> ask() {
    return Optional.of(accepted ? List.<String>of() : brokers.forgetfulSettings())
        .filter(settings -> !settings.isEmpty())
        .map(Forgetful::new);
  }
}
