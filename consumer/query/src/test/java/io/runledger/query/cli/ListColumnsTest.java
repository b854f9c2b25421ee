package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.AfterEachStore;
import io.runledger.query.BeforeEachStore;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import io.runledger.schemas.RunId;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code list --order} and {@code --columns}. */
@OnEachStore
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ListColumnsTest {

  private Laboratory laboratory;

  @TempDir private static Path directory;

  @BeforeEachStore
  void open() {
    laboratory = Laboratory.filled(directory);
    Events cut = Events.ofSeed(8).attempt(8);
    laboratory.deliver(cut.started(start -> start.setConfig("{\"learning_rate\": 0.1, \"pad")));
  }

  @AfterEachStore
  void close() {
    laboratory.close();
  }

  private Command list(String... words) {
    Command listed =
        Command.run(
            Stream.concat(Stream.of("list", "--db", laboratory.location()), Stream.of(words))
                .toArray(String[]::new));
    return listed;
  }

  private static List<String> ids(RunId... runs) {
    return Stream.of(runs).map(RunId::toString).toList();
  }

  private List<String> found(String... words) {
    Command listed =
        list(Stream.concat(Stream.of(words), Stream.of("--json")).toArray(String[]::new));
    assertThat(listed.code()).as(listed.err()).isZero();
    return StreamSupport.stream(listed.json().path("runs").spliterator(), false)
        .map(run -> run.path("id").textValue())
        .toList();
  }

  @Test
  void theRunsThatHaveTheValueComeFirstInEitherDirection() {
    assertThat(found("--order", "metric.val/loss.min"))
        .startsWith(ids(Laboratory.COMPLETED, Laboratory.DIVERGED).toArray(String[]::new))
        .hasSize(7);
    assertThat(found("--order", "metric.val/loss.min desc"))
        .startsWith(ids(Laboratory.DIVERGED, Laboratory.COMPLETED).toArray(String[]::new))
        .hasSize(7);
    assertThat(found("--order", "-seed", "--limit", "2", "--columns", "id"))
        .containsExactly(Events.ofSeed(8).run().toString(), Laboratory.TIMED_OUT.toString());
  }

  @Test
  void aConfigurationThatWasCutHasNoValuesAndFailsNobodysQuestion() {
    assertThat(found("--filter", "config.learning_rate > 0", "--order", "config.learning_rate"))
        .containsExactlyElementsOf(
            ids(Laboratory.COMPLETED, Laboratory.RESUMED, Laboratory.DIVERGED));
    assertThat(
            list("--columns", "config.learning_rate,config.a.0", "--filter", "seed = 8", "--csv")
                .lines())
        .containsExactly("config.learning_rate,config.a.0", ",");
  }

  @Test
  void theChosenColumnsAreInAllForms() {
    String columns =
        "id,status,seed,tag,started,took,config.learning_rate,config.optimizer.betas,"
            + "metric.val/loss.min,metric.val/loss.min_step,summary.confusion,drift,host";

    Command json = list("--columns", columns, "--json", "--filter", "seed = 3");
    Command csv = list("--columns", columns, "--csv", "--filter", "seed = 3");
    Command text = list("--columns", columns, "--filter", "seed = 3");

    assertThat(json.json().path("runs").get(0).toString())
        .startsWith(
            "{\"id\":\"%s\",\"status\":\"completed\",\"seed\":3,\"tag\":[\"baseline\",\"grid\"],\"started\":\"2026-"
                .formatted(Laboratory.COMPLETED))
        .contains("\"config.learning_rate\":5.0E-5,\"config.optimizer.betas\":[0.9,0.999]")
        .contains("\"metric.val/loss.min\":0.25,\"metric.val/loss.min_step\":null")
        .endsWith("\"summary.confusion\":\"[[9,1],[0,10]]\",\"drift\":false,\"host\":[\"node1\"]}");
    assertThat(csv.lines().get(0)).isEqualTo(columns);
    assertThat(csv.lines().get(1))
        .startsWith(Laboratory.COMPLETED + ",completed,3,\"[\"\"baseline\"\",\"\"grid\"\"]\",2026-")
        .contains(",5.0E-5,\"[0.9,0.999]\",0.25,,\"[[9,1],[0,10]]\",false,");
    assertThat(text.lines().get(0)).startsWith("id ").contains("metric.val/loss.min");
    assertThat(text.lines().get(1)).contains("baseline, grid").contains("0.00005").contains("0.25");
  }

  @Test
  void nanIsAValueOfAColumn() {
    assertThat(
            list("--columns", "metric.val/loss,metric.none", "--csv", "--filter", "seed = 4")
                .lines())
        .containsExactly("metric.val/loss,metric.none", "NaN,");
  }

  @Test
  void whatCannotBeReadIsAUsageErrorThatShowsThePlace() {
    Command order = list("--order", "seed down");
    assertThat(order.code()).isEqualTo(2);
    assertThat(order.err())
        .contains("The order cannot be read at character 6")
        .contains("'asc', 'desc' or a ','")
        .contains("       ^^^^");
    Command columns = list("--columns", "id,stauts");
    assertThat(columns.code()).isEqualTo(2);
    assertThat(columns.err()).contains("The list of columns cannot be read").contains("'status'");
    assertThat(list("--columns", "id,id").err()).contains("'id' comes twice");
    assertThat(list("--columns", " ").code()).isEqualTo(2);
    assertThat(list("--columns", "id,").code()).isEqualTo(2);
    assertThat(list("--order", "\"a\"").code()).isEqualTo(2);
    assertThat(list("--order", "started", "--order", "seed").code()).isEqualTo(2);
  }
}
