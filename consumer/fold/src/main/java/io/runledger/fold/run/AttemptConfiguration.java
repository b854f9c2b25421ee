package io.runledger.fold.run;

import io.runledger.fold.MergedConfig;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of an attempt: that of its one start that brought any, or what several of them
 * make together. A wrapper and a job may both bring one, and what they make must not depend on who
 * comes first.
 *
 * @param said the configuration, and the start whose word weighs most; empty when none brought one
 * @param mentioned whether some start brought one without an entry
 * @param conflict whether two starts gave one key different values
 */
public record AttemptConfiguration(
    Optional<Said<Configuration>> said, boolean mentioned, boolean conflict) {

  /** Nobody said anything of it. */
  static final AttemptConfiguration NONE = new AttemptConfiguration(Optional.empty(), false, false);

  /** The configuration as JSON; null when none was reported. */
  public String json() {
    return said.map(one -> one.value().json()).orElse(mentioned ? Configuration.NOTHING : null);
  }

  /** One without an entry says nothing about the configuration of the run. */
  boolean hasEntries() {
    return json() != null && !json().equals(Configuration.NOTHING);
  }

  /** With a start that brought one without an entry. */
  public AttemptConfiguration mentioning() {
    return new AttemptConfiguration(said, true, conflict);
  }

  /**
   * What the starts of an attempt make together.
   *
   * @param starts all of them that brought a configuration, at least one
   */
  public AttemptConfiguration of(List<Said<Configuration>> starts) {
    List<Said<Configuration>> byWeight = starts.stream().sorted(Said.BY_WEIGHT).toList();
    MergedConfig merged = MergedConfig.of(byWeight.get(0).value().json());
    for (Said<Configuration> stronger : byWeight.subList(1, byWeight.size())) {
      merged = merged.with(stronger.value().json());
    }
    long truncatedBytes = 0;
    String sha256 = null;
    for (Said<Configuration> start : byWeight) {
      Configuration config = start.value();
      truncatedBytes = RunFacts.saturatingSum(truncatedBytes, config.truncatedBytes());
      sha256 = config.sha256() == null ? sha256 : config.sha256();
    }
    Said<Configuration> strongest = byWeight.get(byWeight.size() - 1);
    Configuration whole = new Configuration(merged.json(), truncatedBytes, sha256);
    return new AttemptConfiguration(
        Optional.of(new Said<>(strongest.source(), strongest.writerId(), strongest.seq(), whole)),
        mentioned,
        merged.conflict());
  }
}
