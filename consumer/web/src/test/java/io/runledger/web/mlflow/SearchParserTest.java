package io.runledger.web.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.web.mlflow.SearchClause.Kind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MLflow's filter language. */
class SearchParserTest {

  private static List<SearchClause> parse(String filter) {
    return SearchParser.parse(Searched.RUNS, filter);
  }

  @Test
  void testsAreReadAsTheyAreMeant() {
    assertThat(
            parse(
                "metrics.loss < 1 and params.lr = '0.1' AND tags.`my team` like \"a%\" and run_name in ('a', 'b''c') and attributes.start_time >= 1795828477458 and params.\"x.y\" is not null and tags.mlflow.runName != 'n' and metrics.val/loss = -1.5e-3"))
        .containsExactly(
            new SearchClause(Kind.METRIC, "loss", "<", List.of("1")),
            new SearchClause(Kind.PARAMETER, "lr", "=", List.of("0.1")),
            new SearchClause(Kind.TAG, "my team", "LIKE", List.of("a%")),
            new SearchClause(Kind.ATTRIBUTE, "run_name", "IN", List.of("a", "b'c")),
            new SearchClause(Kind.ATTRIBUTE, "start_time", ">=", List.of("1795828477458")),
            new SearchClause(Kind.PARAMETER, "x.y", "IS NOT NULL", List.of()),
            new SearchClause(Kind.TAG, "mlflow.runName", "!=", List.of("n")),
            new SearchClause(Kind.METRIC, "val/loss", "=", List.of("-1.5e-3")));
    assertThat(parse("metrics.a = 1.0 and metrics.a != .5 and start_time > 1e5")).hasSize(3);
    assertThat(parse("")).isEmpty();
    assertThat(parse("  ")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "metrics.loss",
        "metrics. < 1",
        "metrics.loss < 'one'",
        "metrics.loss < '1'",
        "metrics.loss < nan",
        "metrics.loss < 0x1p3",
        "metrics.loss < 1d",
        "start_time > 'x'",
        "start_time > '5'",
        "end_time > '2026-01-01'",
        "attributes.start_time > \"x\"",
        "created = `1`",
        "start_time > x",
        "start_time IN ('1')",
        "run_name = 5",
        "params.lr = 0.1",
        "params.lr < '1'",
        "params.lr = 0.1.2.3x",
        "params.lr = 'a",
        "params.lr 'a'",
        "params.lr = 'a' or params.lr = 'b'",
        "params.lr = 'a' params.lr = 'b'",
        "params.lr NOT LIKE 'a'",
        "params.lr IN 'a'",
        "params.lr IN ('a' 'b')",
        "params.lr IN ()",
        "params.lr IS 'a'",
        "nothing.lr = 'a'",
        "and",
        "(params.lr = 'a')",
        "'",
        "\u0000"
      })
  void whatIsNoFilterIsRefused(String filter) {
    assertThatThrownBy(() -> parse(filter))
        .isInstanceOf(MlflowProblem.class)
        .hasMessageStartingWith("Invalid ");
  }

  @Test
  void aLongOneIsRefusedAndNoneTakesLong() {
    assertThatThrownBy(() -> parse("a".repeat(100_001))).isInstanceOf(MlflowProblem.class);
    assertThatThrownBy(() -> parse("params.a = '1' and ".repeat(300) + "params.a = '1'"))
        .hasMessageContaining("at most 200");
    assertThatThrownBy(() -> parse("'" + "\\".repeat(90_001))).isInstanceOf(MlflowProblem.class);
    SearchClause hard = new SearchClause(Kind.TAG, "a", "LIKE", List.of("%a".repeat(5_000) + "b"));
    assertThat(RunTest.text(Optional.of("a".repeat(200)), hard)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nothing = 'a'", "datasets.nothing = 'a'", "Start_Time > 5"})
  void aNameThatNothingHasIsRefusedBeforeAnyRunIsLookedAt(String filter) {
    assertThatThrownBy(() -> parse(filter))
        .isInstanceOf(MlflowProblem.class)
        .hasMessageContaining("key '");
  }

  @Test
  void experimentsAreSearchedByTheirOwnNames() {
    assertThat(
            SearchParser.parse(
                Searched.EXPERIMENTS,
                "name LIKE 'a%' and tags.team = 'x' and creation_time > 5 and experiment_id IN ('1')"))
        .hasSize(4);
    for (String filter : List.of("metrics.loss < 1", "params.a = 'b'", "datasets.name = 'b'")) {
      assertThatThrownBy(() -> SearchParser.parse(Searched.EXPERIMENTS, filter))
          .isInstanceOf(MlflowProblem.class);
    }
    assertThatThrownBy(() -> SearchParser.parse(Searched.EXPERIMENTS, "start_time > 5"))
        .isInstanceOf(MlflowProblem.class);
  }
}
