package io.runledger.options;

import io.runledger.config.Configuration;
import picocli.CommandLine.Mixin;

/** Which database and which cluster: what every verb has that brings the two together. */
public final class LedgerOptions {

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ConfigFile file = new ConfigFile();

  /** Made by picocli. */
  public LedgerOptions() {}

  /**
   * The settings in force.
   *
   * @throws io.runledger.config.InvalidConfigurationException when a file cannot be read or a
   *     setting is wrong
   */
  public Configuration load() {
    return file.load(new Flags[] {database, cluster});
  }

  /** The same, where rules of alerts can be named. */
  public Configuration load(AlertOptions alerts) {
    return file.load(new Flags[] {database, cluster, alerts});
  }
}
