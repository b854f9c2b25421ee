package io.runledger.options;

import io.runledger.config.Configuration;
import picocli.CommandLine.Mixin;

/** Which spool and which database: what a verb has that brings the two together. */
public final class DeskOptions {

  @Mixin private SpoolOptions spool = new SpoolOptions();
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private ConfigFile file = new ConfigFile();

  /** Made by picocli. */
  public DeskOptions() {}

  /**
   * The settings in force.
   *
   * @throws io.runledger.config.InvalidConfigurationException when a file cannot be read or a
   *     setting is wrong
   */
  public Configuration load() {
    return file.load(new Flags[] {spool, database});
  }

  /** The same, where rules of alerts can be named. */
  public Configuration load(AlertOptions alerts) {
    return file.load(new Flags[] {spool, database, alerts});
  }
}
