package io.runledger.service.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.InvalidConfigurationException;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.Condition;
import io.runledger.fold.alert.RunScope;
import io.runledger.fold.alert.RunScope.Part;
import io.runledger.fold.alert.ValueTest;
import io.runledger.fold.alert.ValueTest.Operator;
import io.runledger.schemas.RunStatus;
import java.time.Duration;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One line of a file of rules. */
class RuleParserTest {

  private static AlertRule parse(String line) {
    Words words = Words.of("a.rules:7", line);
    assertThat(words.takeIf("alert")).isTrue();
    return RuleParser.parse(words);
  }

  @Test
  void aRuleAboutAStatus() {
    assertThat(parse("alert failed: status becomes failed  # tell me"))
        .isEqualTo(
            new AlertRule("failed", new Condition.StatusBecomes(RunStatus.FAILED), RunScope.ALL));
  }

  @Test
  void aRuleAboutValues() {
    assertThat(parse("alert diverged: metric train/loss is nan").condition())
        .isEqualTo(new Condition.MetricIs("train/loss", new ValueTest(Operator.IS_NAN, 0), 1));
    assertThat(parse("alert high: metric val/loss > 5 for 3 points").condition())
        .isEqualTo(new Condition.MetricIs("val/loss", new ValueTest(Operator.ABOVE, 5), 3));
    assertThat(parse("alert odd: metric \"a \\\"b\\\" # c\" <= -1.5e-3").condition())
        .isEqualTo(
            new Condition.MetricIs("a \"b\" # c", new ValueTest(Operator.AT_MOST, -0.0015), 1));
  }

  @Test
  void aRuleAboutPausesOfSomeRuns() {
    assertThat(parse("alert stuck: no value for 30m of project vision of seed 3"))
        .isEqualTo(
            new AlertRule(
                "stuck",
                new Condition.NoValue(Duration.ofMinutes(30)),
                new RunScope(Map.of(Part.PROJECT, "vision", Part.SEED, "3"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "alert | 6 | Expected the name of the rule",
        "alert failed status becomes failed | 7 | ends with a colon",
        "alert a/b: status becomes failed | 7 | not a valid name",
        "alert a: | 9 | Expected a condition",
        "alert a: staus becomes failed | 10 | Expected a condition",
        "alert a: \"status\" becomes failed | 10 | Expected a condition",
        "alert a: status becomes dead | 25 | 'dead' is not a status",
        "alert a: metric loss>5 | 23 | with blanks between them",
        "alert a: metric loss is big | 22 | Expected 'is nan'",
        "alert a: metric loss > high | 24 | 'high' is not a number",
        "alert a: metric loss > Infinity | 24 | not a finite number",
        "alert a: metric loss > 0x10p1 | 24 | not a finite number",
        "alert a: metric loss > 5 for 0 points | 30 | not a number from 1 to 10000",
        "alert a: metric loss > 5 for 3 | 31 | Expected 'points'",
        "alert a: metric loss > 5 for 3 points please | 39 | 'please' is not expected here",
        "alert a: metric \"loss > 5 | 17 | The quote is not closed",
        "alert a: no value for 30 | 23 | such as 90s, 30m, 2h or 1d",
        "alert a: no value for 5s | 23 | at least 10s",
        "alert a: no value for 1h of planet mars | 29 | 'planet' is not a part",
        "alert a: no value for 1h of seed 1 of seed 2 | 39 | appears twice",
      })
  void aMistakeIsNamedWithItsPlace(String line, int column, String sentence) {
    assertThatThrownBy(() -> parse(line.strip()))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageStartingWith("a.rules:7:" + column + ": ")
        .hasMessageContaining(sentence);
  }

  @Property
  void whatARuleSaysIsHowItIsWritten(@ForAll("rules") AlertRule rule) {
    assertThat(parse("alert " + rule.name() + ": " + rule.words())).isEqualTo(rule);
  }

  @Provide
  Arbitrary<AlertRule> rules() {
    Arbitrary<String> texts =
        Arbitraries.strings().withChars("ab/# \"\\:\u00e4\u20ac<>=").ofMinLength(1).ofMaxLength(12);
    Arbitrary<ValueTest> tests =
        Combinators.combine(
                Arbitraries.of(Operator.values()),
                Arbitraries.doubles().map(bound -> bound == 0 ? 0.0 : bound))
            .as((operator, bound) -> new ValueTest(operator, operator.isAlone() ? 0 : bound));
    Arbitrary<Condition> conditions =
        Arbitraries.oneOf(
            Arbitraries.of(RunStatus.values()).map(Condition.StatusBecomes::new),
            Combinators.combine(texts, tests, Arbitraries.integers().between(1, 10_000))
                .as(Condition.MetricIs::new),
            Arbitraries.longs()
                .between(10, 10_000_000)
                .map(seconds -> new Condition.NoValue(Duration.ofSeconds(seconds)))
                .filter(silence -> silence.words().matches(".* [0-9]{1,6}[smhd]")));
    Arbitrary<RunScope> scopes =
        Arbitraries.maps(Arbitraries.of(Part.values()), texts).ofMaxSize(3).map(RunScope::new);
    return Combinators.combine(conditions, scopes)
        .as((condition, scope) -> new AlertRule("a.rule-1", condition, scope));
  }
}
