package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.AfterEachStore;
import io.runledger.query.BeforeEachStore;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@OnEachStore
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GroupsCommandTest {

  private Laboratory laboratory;

  @TempDir private static Path directory;

  @BeforeEachStore
  void open() {
    laboratory = Laboratory.filled(directory);
  }

  @AfterEachStore
  void close() {
    laboratory.close();
  }

  private Command groups(String... words) {
    return Command.run(
        Stream.concat(Stream.of("groups", "--db", laboratory.location()), Stream.of(words))
            .toArray(String[]::new));
  }

  @Test
  void theTableSaysWhatIsCountedAndWhatIsNot() {
    Command table = groups("--by", "method,status", "--metric", "val/loss");

    assertThat(table.code()).as(table.err()).isZero();
    assertThat(table.lines().get(0)).contains("method", "RUNS", "FAILED", "95% INTERVAL");
    assertThat(table.out()).contains("1 NaN").contains("without a value");
  }

  @Test
  void bestIsByTheNameUnlessTheModeSaysOtherwise() {
    JsonNode best =
        groups("--by", "experiment", "--metric", "val/loss", "--value", "best", "--json").json();
    JsonNode most =
        groups(
                "--by",
                "experiment",
                "--metric",
                "val/loss",
                "--value",
                "best",
                "--mode",
                "max",
                "--json")
            .json();

    assertThat(best.path("value").textValue()).isEqualTo("min");
    JsonNode seven = best.path("groups").get(0);
    assertThat(seven.path("key").path("experiment").textValue()).isEqualTo("7");
    assertThat(seven.path("runs").intValue()).isEqualTo(5);
    assertThat(seven.path("failed").intValue()).isEqualTo(1);
    assertThat(seven.path("n").intValue()).isEqualTo(2);
    assertThat(seven.path("mean").doubleValue()).isEqualTo(0.475);
    assertThat(most.path("groups").get(0).path("infinite").intValue()).isEqualTo(1);
  }

  @Test
  void csvHasOneLineAGroupWithAllDigits() {
    Command csv =
        groups("--by", "seed", "--metric", "val/loss", "--csv", "--filter", "seed in (3, 4)");

    assertThat(csv.lines())
        .containsExactly(
            "seed,runs,failed,n,mean,std,low,high,median,min,max,without,nan,infinite",
            "3,1,0,1,0.3,,,,0.3,0.3,0.3,0,0,0",
            "4,1,0,0,,,,,,,,0,1,0");
  }

  @Test
  void aRunIsInTheGroupOfEachOfItsTags() {
    Command csv = groups("--by", "tag", "--metric", "val/loss", "--csv");

    assertThat(csv.csv()).extracting(row -> row.getField("tag")).contains("baseline", "grid", "");
  }

  @Test
  void curvesAreJsonInColumns() {
    JsonNode curves =
        groups("--by", "experiment", "--metric", "val/loss", "--x", "epoch", "--curves", "10")
            .json();

    JsonNode one = curves.path("groups").get(0);
    assertThat(one.path("epoch").toString()).isEqualTo("[0,1,2]");
    assertThat(one.path("n").toString()).isEqualTo("[2,1,1]");
    assertThat(one.path("not_finite").toString()).isEqualTo("[0,1,1]");
    assertThat(one.path("mean").get(0).doubleValue()).isEqualTo(0.75);
    assertThat(one.path("std").get(1).isNull()).isTrue();
  }

  @Test
  void whatIsNotThereOrCannotBeReadIsSaid() {
    assertThat(groups("--by", "method", "--metric", "los").code()).isEqualTo(3);
    assertThat(groups("--by", "methd", "--metric", "loss").err()).contains("'method'");
    assertThat(groups("--by", "method", "--metric", "loss", "--value", "middle").code())
        .isEqualTo(2);
    assertThat(groups("--by", "method", "--metric", "loss", "--mode", "max").code()).isEqualTo(2);
    assertThat(groups("--by", "method", "--metric", "loss", "--x", "time").code()).isEqualTo(2);
    assertThat(groups("--by", "method", "--metric", "loss", "--curves", "0").code()).isEqualTo(2);
    assertThat(groups("--metric", "loss").code()).isEqualTo(2);
  }
}
