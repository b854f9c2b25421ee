package io.runledger.service.alert;

import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.Condition;
import io.runledger.fold.alert.RunScope;
import io.runledger.fold.alert.RunScope.Part;
import io.runledger.fold.alert.ValueTest;
import io.runledger.fold.alert.ValueTest.Operator;
import io.runledger.options.Since;
import io.runledger.schemas.RunStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one rule: {@code alert NAME: CONDITION [of PART VALUE]...}. */
final class RuleParser {

  /** Of rules and of deliveries. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /** Of a streak: as many points are read when a service starts. */
  private static final int MOST_POINTS = 10_000;

  private static final Pattern TIME = Pattern.compile("([0-9]{1,6})([smhd])");

  /** Less is noise: the service looks every few seconds. */
  private static final Duration SHORTEST = Duration.ofSeconds(10);

  private final Words words;

  private RuleParser(Words words) {
    this.words = words;
  }

  /** The rule behind the word {@code alert}. */
  static AlertRule parse(Words words) {
    return new RuleParser(words).rule();
  }

  private AlertRule rule() {
    Words.Word name = words.take("the name of the rule and a colon, such as 'alert failed:'");
    if (!name.text().endsWith(":")) {
      throw words.wrong(name, "The name of a rule ends with a colon: 'alert failed: ...'.");
    }
    String text = name.text().substring(0, name.text().length() - 1);
    if (!NAME.matcher(text).matches()) {
      throw words.wrong(
          name,
          "'%s' is not a valid name; use at most 64 letters, digits, dots, hyphens and underscores."
              .formatted(text));
    }
    Condition condition = condition();
    RunScope scope = scope();
    words.requireEnd();
    return new AlertRule(text, condition, scope);
  }

  private Condition condition() {
    if (words.takeIf("status", "becomes")) {
      return new Condition.StatusBecomes(status());
    }
    if (words.takeIf("metric")) {
      return metric();
    }
    if (words.takeIf("no", "value", "for")) {
      return new Condition.NoValue(duration());
    }
    throw words.wrong(
        "Expected a condition: 'status becomes STATUS', 'metric NAME is nan', 'metric NAME > NUMBER for N points' or 'no value for TIME'.");
  }

  private RunStatus status() {
    Words.Word word = words.take("a status");
    return RunStatus.ofWord(word.text())
        .orElseThrow(
            () ->
                words.wrong(
                    word,
                    "'%s' is not a status; use pending, running, completed, failed or timeout."
                        .formatted(word.text())));
  }

  private Condition metric() {
    String name = words.take("the name of a metric").text();
    ValueTest test = test();
    int points = 1;
    if (words.takeIf("for")) {
      points = points();
    }
    return new Condition.MetricIs(name, test, points);
  }

  private ValueTest test() {
    if (words.takeIf("is", "nan")) {
      return new ValueTest(Operator.IS_NAN, 0);
    }
    if (words.takeIf("is", "not", "finite")) {
      return new ValueTest(Operator.IS_NOT_FINITE, 0);
    }
    Optional<Operator> operator =
        Arrays.stream(Operator.values())
            .filter(one -> !one.isAlone() && words.takeIf(one.text()))
            .findFirst();
    return new ValueTest(
        operator.orElseThrow(
            () ->
                words.wrong(
                    "Expected 'is nan', 'is not finite', or one of < <= = >= > and a number, with blanks between them.")),
        number());
  }

  private double number() {
    Words.Word word = words.take("a number");
    try {
      double number = Double.parseDouble(word.text());
      if (Double.isFinite(number) && word.text().matches("[-+.0-9eE]+")) {
        return number == 0 ? 0 : number;
      }
    } catch (NumberFormatException e) {
      throw words.wrong(word, "'%s' is not a number.".formatted(word.text()));
    }
    throw words.wrong(word, "'%s' is not a finite number.".formatted(word.text()));
  }

  private int points() {
    Words.Word word = words.take("how many points, such as 'for 3 points'");
    if (!word.text().matches("[0-9]{1,5}")
        || Integer.parseInt(word.text()) < 1
        || Integer.parseInt(word.text()) > MOST_POINTS) {
      throw words.wrong(
          word, "'%s' is not a number from 1 to %d.".formatted(word.text(), MOST_POINTS));
    }
    if (!words.takeIf("points") && !words.takeIf("point")) {
      throw words.wrong("Expected 'points'.");
    }
    return Integer.parseInt(word.text());
  }

  private Duration duration() {
    Words.Word word = words.take("a time such as 30m");
    Matcher form = TIME.matcher(word.text());
    if (!form.matches()) {
      throw words.wrong(
          word, "'%s' is not a time such as 90s, 30m, 2h or 1d.".formatted(word.text()));
    }
    Duration duration = Since.duration(Long.parseLong(form.group(1)), form.group(2).charAt(0));
    if (duration.compareTo(SHORTEST) < 0) {
      throw words.wrong(word, "The time must be at least %ds.".formatted(SHORTEST.toSeconds()));
    }
    return duration;
  }

  private RunScope scope() {
    Map<Part, String> parts = new EnumMap<>(Part.class);
    while (words.takeIf("of")) {
      Words.Word word = words.take("a part of what runs are called, such as 'of project vision'");
      Part part =
          Arrays.stream(Part.values())
              .filter(one -> one.word().equals(word.text()))
              .findFirst()
              .orElseThrow(
                  () ->
                      words.wrong(
                          word,
                          "'%s' is not a part of what runs are called; use project, experiment, dataset, method, subject, cl_info, seed or name."
                              .formatted(word.text())));
      if (parts.put(part, words.take("its value").text()) != null) {
        throw words.wrong(word, "'%s' appears twice.".formatted(word.text()));
      }
    }
    return new RunScope(parts);
  }
}
