package io.runledger.options;

import io.runledger.config.Setting;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which rules of alerts: what every verb has that keeps a database in step. */
public final class AlertOptions implements Flags {

  @Option(
      names = "--alerts",
      paramLabel = "FILE",
      description =
          "Evaluate the rules in FILE on what is applied; 'runledger alerts check FILE' explains them."
              + " Default: the setting alerts.file.")
  private Optional<Path> rules = Optional.empty();

  /** Made by picocli. */
  public AlertOptions() {}

  @Override
  public Map<String, String> given() {
    return rules.map(file -> Map.of(Setting.ALERTS_FILE.key(), file.toString())).orElse(Map.of());
  }
}
