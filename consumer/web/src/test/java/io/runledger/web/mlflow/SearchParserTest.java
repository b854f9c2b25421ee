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

  @Test
  void testsAreReadAsTheyAreMeant() {
    assertThat(
            SearchParser.parse(
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
    assertThat(SearchParser.parse("")).isEmpty();
    assertThat(SearchParser.parse("  ")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "metrics.loss",
        "metrics. < 1",
        "metrics.loss < 'one'",
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
    assertThatThrownBy(() -> SearchParser.parse(filter))
        .isInstanceOf(MlflowProblem.class)
        .hasMessageStartingWith("Invalid filter string");
  }

  @Test
  void aLongOneIsRefusedAndNoneTakesLong() {
    assertThatThrownBy(() -> SearchParser.parse("a".repeat(100_001)))
        .isInstanceOf(MlflowProblem.class);
    assertThatThrownBy(
            () -> SearchParser.parse("params.a = '1' and ".repeat(300) + "params.a = '1'"))
        .hasMessageContaining("at most 200");
    assertThatThrownBy(() -> SearchParser.parse("'" + "\\".repeat(90_001)))
        .isInstanceOf(MlflowProblem.class);
    SearchClause hard = new SearchClause(Kind.TAG, "a", "LIKE", List.of("%a".repeat(5_000) + "b"));
    assertThat(RunTest.text(Optional.of("a".repeat(200)), hard)).isFalse();
  }
}
