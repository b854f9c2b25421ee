package io.runledger.service.alert;

import io.runledger.config.Configuration;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Setting;
import io.runledger.fold.alert.AlertRule;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A file of rules: what people want to hear of, and how it reaches them.
 *
 * @param targets those to whom each firing goes
 */
public record AlertFile(List<AlertRule> rules, List<Target> targets) {

  private static final int MOST_RULES = 200;
  private static final int MOST_TARGETS = 10;
  private static final long MOST_BYTES = 1 << 20;

  public AlertFile {
    rules = List.copyOf(rules);
    targets = List.copyOf(targets);
  }

  /**
   * The file that the settings name; empty when they name none.
   *
   * @throws InvalidConfigurationException when it cannot be used; the message names the place
   */
  public static Optional<AlertFile> of(Configuration configuration) {
    return configuration.get(Setting.ALERTS_FILE).isBlank()
        ? Optional.empty()
        : Optional.of(read(configuration.path(Setting.ALERTS_FILE)));
  }

  /**
   * Reads a file, and the secrets that it names.
   *
   * @throws InvalidConfigurationException when it cannot be used; the message names the place
   */
  public static AlertFile read(Path file) {
    AlertFile read = parse(file, lines(file));
    if (read.rules.isEmpty()) {
      throw new InvalidConfigurationException(
          "The file %s has no rule. Add one, such as 'alert failed: status becomes failed'."
              .formatted(file));
    }
    requireOwn(file);
    return read;
  }

  /** Whoever can write it can have the service start programs, and send what it finds elsewhere. */
  private static void requireOwn(Path file) {
    try {
      if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new InvalidConfigurationException(
            "The file of rules %s can be written by everybody; run 'chmod o-w %s'."
                .formatted(file, file));
      }
    } catch (IOException | UnsupportedOperationException e) {
      throw new InvalidConfigurationException(
          "The permissions of the file of rules %s cannot be read: %s.".formatted(file, e), e);
    }
  }

  private static List<String> lines(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new InvalidConfigurationException(
            "The file of rules %s is longer than %d bytes.".formatted(file, MOST_BYTES));
      }
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new InvalidConfigurationException(
          "There is no file of rules %s. Check --alerts, or the setting %s."
              .formatted(file, Setting.ALERTS_FILE.key()),
          e);
    } catch (CharacterCodingException e) {
      throw new InvalidConfigurationException(
          "The file of rules %s is not UTF-8.".formatted(file), e);
    } catch (IOException e) {
      throw new InvalidConfigurationException(
          "The file of rules %s cannot be read: %s.".formatted(file, e), e);
    }
  }

  static AlertFile parse(Path file, List<String> lines) {
    List<AlertRule> rules = new ArrayList<>();
    List<Target> targets = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String place = file + ":" + (i + 1);
      Words words = Words.of(place, lines.get(i));
      if (words.takeIf("alert")) {
        rules.add(rule(words, place, rules));
      } else if (words.takeIf("deliver")) {
        targets.add(target(words, place, file, targets));
      } else if (!words.isEmpty()) {
        throw words.wrong("A line begins with 'alert', 'deliver' or '#'.");
      }
    }
    return new AlertFile(rules, targets);
  }

  private static AlertRule rule(Words words, String place, List<AlertRule> before) {
    AlertRule rule = RuleParser.parse(words);
    if (before.stream().anyMatch(other -> other.name().equals(rule.name()))) {
      throw new InvalidConfigurationException(
          "%s: There is a rule '%s' already; give this one another name."
              .formatted(place, rule.name()));
    }
    if (before.size() == MOST_RULES) {
      throw new InvalidConfigurationException(
          "%s: There are more than %d rules.".formatted(place, MOST_RULES));
    }
    return rule;
  }

  private static Target target(Words words, String place, Path file, List<Target> before) {
    Target target = TargetParser.parse(words, file);
    if (before.stream().anyMatch(other -> other.name().equals(target.name()))) {
      throw new InvalidConfigurationException(
          "%s: There is a delivery '%s' already; give this one a name, such as 'deliver chat to https://...'."
              .formatted(place, target.name()));
    }
    if (before.size() == MOST_TARGETS) {
      throw new InvalidConfigurationException(
          "%s: There are more than %d deliveries.".formatted(place, MOST_TARGETS));
    }
    return target;
  }
}
