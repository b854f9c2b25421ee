package io.runledger.options;

import io.runledger.config.Setting;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which spool: what a verb has that reads the files of one. */
public final class SpoolOptions implements Flags {

  @Option(
      names = "--spool",
      paramLabel = "DIR",
      description = "The directory that jobs append to. Default: the setting spool.")
  private Optional<Path> spool = Optional.empty();

  /** Made by picocli. */
  public SpoolOptions() {}

  @Override
  public Map<String, String> given() {
    return spool.map(path -> Map.of(Setting.SPOOL.key(), path.toString())).orElse(Map.of());
  }
}
