package io.runledger.service.check;

import io.runledger.check.Finding;
import io.runledger.config.Configuration;
import io.runledger.config.Counted;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.service.alert.AlertFile;
import java.util.List;
import java.util.Optional;

/** Whether the file of alert rules can be used, where the settings name one. */
public final class AlertsCheck {

  private static final String ALERTS = "alerts";

  private AlertsCheck() {}

  /**
   * Complains before anything is started.
   *
   * @throws InvalidConfigurationException when the settings name a file that cannot be used
   */
  public static void requireUsable(Configuration configuration) {
    for (Finding finding : check(configuration)) {
      if (finding.severity() == Finding.Severity.FAILED) {
        throw new InvalidConfigurationException(finding.what());
      }
    }
  }

  /** Nothing where no file is named. */
  public static List<Finding> check(Configuration configuration) {
    try {
      Optional<AlertFile> file = AlertFile.of(configuration);
      return file.map(read -> List.of(finding(read))).orElse(List.of());
    } catch (InvalidConfigurationException e) {
      return List.of(Finding.failed(ALERTS, e.getMessage()));
    }
  }

  private static Finding finding(AlertFile file) {
    String rules = Counted.of(file.rules().size(), "rule");
    return file.targets().isEmpty()
        ? Finding.warning(
            ALERTS,
            rules + ", and no delivery: what they find is recorded only.",
            "Add 'deliver to URL' or 'deliver by command PROGRAM' to the file.")
        : Finding.ok(
            ALERTS,
            "%s, delivered in %s.".formatted(rules, Counted.of(file.targets().size(), "way")));
  }
}
