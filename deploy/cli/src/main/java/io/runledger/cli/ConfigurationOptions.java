package io.runledger.cli;

import io.runledger.config.Configuration;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that says where settings are read from; the same for the verbs of this room. */
final class ConfigurationOptions {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Properties file with settings. Default: what RUNLEDGER_CONFIG names.")
  private Optional<Path> file;

  Configuration load(Map<String, String> flags) {
    return Configuration.load(flags, System.getenv(), file);
  }
}
