package io.runledger.query.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.query.filter.Field.Aggregate;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.Field.MetricValue;
import io.runledger.query.filter.Field.PathPart;
import io.runledger.query.filter.Field.SummaryValue;
import io.runledger.query.filter.Filter.And;
import io.runledger.query.filter.Filter.Compared;
import io.runledger.query.filter.Filter.Missing;
import io.runledger.query.filter.Filter.Not;
import io.runledger.query.filter.Filter.Or;
import io.runledger.query.filter.Value.Moment;
import io.runledger.query.filter.Value.NotANumber;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import io.runledger.query.filter.Value.Whole;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterParserTest {

  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-11-29T12:00:00Z"), ZoneOffset.UTC);

  private static final Filter FAILED = equal(Attribute.STATUS, new Text("failed"));

  private static Filter parse(String filter) {
    return Filter.parse(filter, NOON);
  }

  private static Filter equal(Field field, Value value) {
    return new Compared(field, Operator.EQUAL, value);
  }

  private static ConfigValue config(String... path) {
    return new ConfigValue(Stream.of(path).map(name -> new PathPart(name, false)).toList());
  }

  @Test
  void theExampleOfTheDocumentationIsRead() {
    assertThat(
            parse(
                "status = failed and config.optimizer.lr < 0.01 and metric.val/loss.min < 0.3"
                    + " and tag has \"grid\" and started > 2d"))
        .isEqualTo(
            new And(
                List.of(
                    FAILED,
                    new Compared(config("optimizer", "lr"), Operator.LESS, new Real(0.01)),
                    new Compared(
                        new MetricValue("val/loss", Aggregate.MIN), Operator.LESS, new Real(0.3)),
                    new Compared(Fact.TAG, Operator.HAS, new Text("grid")),
                    new Compared(
                        Attribute.STARTED,
                        Operator.GREATER,
                        new Moment(Instant.parse("2026-11-27T12:00:00Z"))))));
  }

  @Test
  void andBindsTighterThanOrAndNotTighterThanBoth() {
    Filter tagged = new Compared(Fact.TAG, Operator.EQUAL, new Text("a"));
    Filter noted = new Missing(Attribute.NOTES);

    assertThat(parse("status=failed or tag=a and not notes is null"))
        .isEqualTo(new Or(List.of(FAILED, new And(List.of(tagged, new Not(noted))))));
    assertThat(parse("(status=failed OR tag=a) AND NOT (notes IS NULL)"))
        .isEqualTo(new And(List.of(new Or(List.of(FAILED, tagged)), new Not(noted))));
  }

  @Test
  void nothingIsPassedByEveryRun() {
    assertThat(parse("")).isEqualTo(Filter.EVERY_RUN);
    assertThat(parse(" \t\n")).isEqualTo(Filter.EVERY_RUN);
  }

  @Test
  void theOppositeOfATestIsNotThatTest() {
    assertThat(parse("status != failed")).isEqualTo(new Not(FAILED));
    assertThat(parse("name !~ a"))
        .isEqualTo(new Not(new Compared(Attribute.NAME, Operator.CONTAINS, new Text("a"))));
    assertThat(parse("seed is not null")).isEqualTo(new Not(new Missing(Attribute.SEED)));
    assertThat(parse("status not in (failed, timeout)"))
        .isEqualTo(new Not(new Or(List.of(FAILED, equal(Attribute.STATUS, new Text("timeout"))))));
  }

  @Test
  void aNameInQuotesMayHaveAnyCharacters() {
    ConfigValue quoted =
        new ConfigValue(List.of(new PathPart("a.b \"c\" \\", true), new PathPart("d", false)));
    assertThat(parse("config.\"a.b \\\"c\\\" \\\\\".d = 1"))
        .isEqualTo(new Or(List.of(equal(quoted, new Whole(1)), equal(quoted, new Text("1")))));
    assertThat(parse("metric.`val loss (%)`.min is null"))
        .isEqualTo(new Missing(new MetricValue("val loss (%)", Aggregate.MIN)));
    assertThat(parse("metric.'loss.min' is null"))
        .isEqualTo(new Missing(new MetricValue("loss.min", Aggregate.LAST)));
    assertThat(parse("summary.'größe' is null")).isEqualTo(new Missing(new SummaryValue("größe")));
  }

  @Test
  void theLastPartOfAMetricIsItsNumberWhereItIsTheWordOfOne() {
    assertThat(parse("metric.a.b.nan_count is null"))
        .isEqualTo(new Missing(new MetricValue("a.b", Aggregate.NAN_COUNT)));
    assertThat(parse("metric.a.b is null"))
        .isEqualTo(new Missing(new MetricValue("a.b", Aggregate.LAST)));
    assertThat(parse("metric.min is null"))
        .isEqualTo(new Missing(new MetricValue("min", Aggregate.LAST)));
  }

  @Test
  void aBareNumberInTheConfigurationIsANumberOrATextAndAQuotedOneATextAlone() {
    assertThat(parse("config.a = 7"))
        .isEqualTo(
            new Or(List.of(equal(config("a"), new Whole(7)), equal(config("a"), new Text("7")))));
    assertThat(parse("config.a = '7'")).isEqualTo(equal(config("a"), new Text("7")));
    assertThat(parse("config.a < 7"))
        .isEqualTo(new Compared(config("a"), Operator.LESS, new Whole(7)));
    assertThat(parse("config.a = true"))
        .isEqualTo(
            new Or(
                List.of(
                    equal(config("a"), new Truth(true)), equal(config("a"), new Text("true")))));
  }

  @Test
  void numbersKeepAllOfTheirDigits() {
    assertThat(parse("seed = 9223372036854775807"))
        .isEqualTo(equal(Attribute.SEED, new Whole(Long.MAX_VALUE)));
    assertThat(parse("seed < 9223372036854775808"))
        .isEqualTo(new Compared(Attribute.SEED, Operator.LESS, new Real(0x1p63)));
    MetricValue loss = new MetricValue("loss", Aggregate.LAST);
    assertThat(parse("metric.loss = nan")).isEqualTo(equal(loss, new NotANumber()));
    assertThat(parse("metric.loss = -inf"))
        .isEqualTo(equal(loss, new Real(Double.NEGATIVE_INFINITY)));
    assertThat(parse("metric.loss = -1e-3")).isEqualTo(equal(loss, new Real(-1e-3)));
  }

  @Test
  void timesAndDurationsAreReadAsPeopleWriteThem() {
    assertThat(parse("finished < '2026-11-23 14:30'"))
        .isEqualTo(
            new Compared(
                Attribute.FINISHED,
                Operator.LESS,
                new Moment(Instant.parse("2026-11-23T14:30:00Z"))));
    assertThat(parse("took >= 1h30m"))
        .isEqualTo(new Compared(Attribute.TOOK, Operator.AT_LEAST, new Real(5400)));
    assertThat(parse("took < 90"))
        .isEqualTo(new Compared(Attribute.TOOK, Operator.LESS, new Real(90)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "stauts = failed                  | 1  | 'stauts' is not a field of a run; did you mean 'status'?",
        "status = faild                   | 10 | 'faild' is not a status; did you mean 'failed'?",
        "lr < 0.01                        | 1  | 'lr' is not a field of a run; values of the configuration are config.NAME, those of metrics metric.NAME.",
        "status                           | 7  | an operator is expected behind the field: = != < <= > >= ~ !~ has in is.",
        "status =                         | 9  | a value is expected.",
        "status = and                     | 10 | a value is expected; write the text 'and' in quotes.",
        "status = failed tag has a        | 17 | 'and' or 'or' is expected between two tests.",
        "(status = failed                 | 17 | a ')' is missing that closes the '(' at character 1.",
        "status = failed)                 | 16 | nothing was opened that this ')' closes.",
        "name = \"a                       | 8  | the quote that begins here is not closed.",
        "name = a\"b\"                    | 8  | a value is in quotes as a whole, or not at all.",
        "status ! failed                  | 8  | a '!' belongs to '!=' or '!~'; the opposite of a test is 'not'.",
        "status in failed                 | 11 | 'in' is followed by values in brackets, as in status in (failed, timeout).",
        "status in (failed timeout)       | 19 | a ',' or the ')' of the values is expected.",
        "status is failed                 | 11 | 'is' is followed by 'null' or 'not null'; a value is compared with '='.",
        "seed = x                         | 8  | this field is a number, and 'x' is not one.",
        "seed = nan                       | 8  | only values of metrics are nan.",
        "metric.loss < nan                | 15 | nan is in no order with any number; compare with =.",
        "started > yesterday              | 11 | this field is a time: 90m, 2h, 3d or 1w ago, or a date or time in UTC (2026-11-23, 2026-11-23T14:30) or with an offset (2026-11-23T15:30+01:00), not 'yesterday'.",
        "took > long                      | 8  | this field is a duration, such as 90s, 1h30m or 2d, not 'long'.",
        "drift = maybe                    | 9  | this field is true or false.",
        "drift < true                     | 7  | true and false are in no order; compare with =.",
        "seed ~ 3                         | 6  | only a text contains another; compare with = < or >.",
        "name has a                       | 6  | this field is one value and has no parts; compare with = or ~.",
        "config = 3                       | 1  | 'config' needs a name, as in config.lr.",
        "metric. = 3                      | 1  | a name is missing behind 'metric.'.",
        "\"status\" = failed              | 1  | a name in quotes needs what it is a name of, as in config.\"status\".",
        "and                              | 1  | the name of a field is expected, such as status or config.lr.",
      })
  void whatCannotBeReadIsNamedWithItsPlace(String filter, int character, String problem) {
    assertThatThrownBy(() -> parse(filter))
        .isInstanceOfSatisfying(
            FilterSyntaxException.class,
            e -> {
              assertThat(e.problem())
                  .isEqualTo(
                      "The filter cannot be read at character " + character + ": " + problem);
              assertThat(e.start()).isEqualTo(character - 1);
              assertThat(e.exitCode()).isEqualTo(2);
            });
  }

  @Test
  void thePlaceIsShownBelowTheFilter() {
    assertThatThrownBy(() -> parse("seed = 3 and stauts = failed"))
        .message()
        .endsWith("%n  seed = 3 and stauts = failed%n               ^^^^^^".formatted());
  }

  @Test
  void aFilterThatIsTooLongDeepOrWideIsRefusedAndOneThatIsNotIsRead() {
    assertThatThrownBy(() -> parse(" ".repeat(FilterParser.MOST_CHARACTERS + 1)))
        .hasMessageContaining("a filter has at most 20,000 characters.");
    assertThatThrownBy(() -> parse("(".repeat(51) + "seed = 1" + ")".repeat(51)))
        .hasMessageContaining("at most 50 brackets may be open at a time.");
    assertThatThrownBy(() -> parse("not ".repeat(4_000) + "seed = 1"))
        .hasMessageContaining("at most 50 brackets may be open at a time.");
    String thousand = "1" + ",1".repeat(999);
    assertThatCode(() -> parse("seed in (" + thousand + ")")).doesNotThrowAnyException();
    assertThatThrownBy(() -> parse("seed in (" + thousand + ",1)"))
        .hasMessageContaining("a filter has at most 1,000 values.");
  }
}
