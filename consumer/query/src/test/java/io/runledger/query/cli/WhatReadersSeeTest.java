package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.nio.file.Path;
import java.util.List;
import java.util.TimeZone;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names that look like none, times where the reader lives, and values as they are. */
@OnEachStore
class WhatReadersSeeTest {

  @TempDir private Path directory;
  private Laboratory laboratory;
  private final TimeZone before = TimeZone.getDefault();

  @BeforeEach
  void open() {
    laboratory = Laboratory.empty(directory);
  }

  @AfterEach
  void close() {
    TimeZone.setDefault(before);
    laboratory.close();
  }

  private Command run(String... words) {
    Command done = Command.at(laboratory.location(), words);
    assertThat(done.code()).as(done.err()).isZero();
    return done;
  }

  @ParameterizedTest
  @CsvSource({"'', '\"\"'", "-, '\"-\"'", "' ', '\" \"'", "' a', '\" a\"'", "a b, a b"})
  void aNameThatLooksLikeNoneStandsInQuotes(String name, String shown) {
    Events job = Events.ofName("p", name, new UUID(3, 4));
    laboratory.deliver(
        job.started(),
        job.error("E", "m"),
        job.slurm(7, "RUNNING"),
        job.metric(name, 1, 2),
        job.status(RunStatus.FAILED, StatusSource.JOB, 1));
    String id = job.run().toString();

    for (String[] words :
        List.<String[]>of(
            new String[] {"list"},
            new String[] {"errors"},
            new String[] {"errors", id},
            new String[] {"jobs"},
            new String[] {"best", name},
            new String[] {"compare", id},
            new String[] {"why", id},
            new String[] {"show", id},
            new String[] {"metrics", id})) {
      assertThat(run(words).out()).as(String.join(" ", words)).contains(shown);
    }
    assertThat(run("show", id).out()).contains("name            " + shown);
    assertThat(run("list", "--json").json().at("/runs/0/run_name").asText()).isEqualTo(name);
    assertThat(run("list", "--csv").csv().get(0).getField("run_name"))
        .isEqualTo(name.equals("-") ? "'-" : name);
    laboratory.deliver(Events.ofName("p", name, new UUID(3, 5)).attempt(2).started());
    assertThat(Command.at(laboratory.location(), "show", "name:" + name).err()).contains(shown);
  }

  /** Of a run with one attempt it was said that a later attempt had another configuration. */
  @Test
  void driftWithinAnAttemptIsNotSaidToBeOfALaterOne() {
    Events job = Events.ofName("p", "n", new UUID(3, 6));
    laboratory.deliver(
        job.started(start -> start.setSource("wrapper").setConfig("{\"lr\":0.2}")),
        job.writer(2).joined(start -> start.setConfig("{\"lr\":0.1}")));

    assertThat(run("show", job.run().toString()).out())
        .contains("DRIFT           an attempt was given two values for one entry")
        .doesNotContain("later attempt");
    laboratory.deliver(job.attempt(2).started(start -> start.setConfig("{\"lr\":0.3}")));
    assertThat(run("show", job.run().toString()).out())
        .contains("DRIFT           a later attempt had a different configuration");
  }

  @Test
  void theSummaryOfARunHasTheNewestOfItsResults() {
    Events job = Events.ofName("p", "n", new UUID(3, 7));
    laboratory.deliver(job.started(), job.results("{\"best\":0.5,\"a\":{\"b\":1}}"));
    String id = job.run().toString();
    assertThat(run("show", id).out()).as("the results say it all").doesNotContain("summary\n");

    laboratory.deliver(job.results("{\"best\":0.25}"), job.results("[1]"));

    assertThat(run("show", id).out())
        .contains(
            """
            summary
              {
                "a" : {
                  "b" : 1
                },
                "best" : 0.25
              }
            """);
    assertThat(run("show", id, "--json").json().get("summary").toString())
        .isEqualTo("{\"a\":{\"b\":1},\"best\":0.25}");
  }

  @Test
  void timesAreInTheReadersZoneWhenAskedFor() {
    TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kolkata"));
    laboratory.close();
    laboratory = Laboratory.filled(directory);
    String killed = Laboratory.RESUMED.toString();

    assertThat(run("list").out()).contains("STARTED (UTC)", "2026-01-02 10:04 ");
    assertThat(run("list", "--local").out())
        .contains("STARTED ", "2026-01-02 15:34+05:30")
        .doesNotContain("UTC");
    assertThat(run("errors", "--local").out()).contains("2026-01-02 12:34:06+05:30");
    assertThat(run("errors", killed, "--local").out()).startsWith("2026-01-02 12:34:06+05:30");
    assertThat(run("jobs", "--local").out()).contains("2026-01-02 15:34+05:30");
    assertThat(run("compare", killed, "--local").out()).contains("2026-01-02 13:34+05:30");
    assertThat(run("metrics", killed, "loss", "--local").out())
        .contains("+05:30")
        .doesNotContain("UTC");
    assertThat(run("show", killed, "--local").out())
        .contains("finished        2026-01-02 13:34:06+05:30")
        .contains("2026-01-02 12:34+05:30");
    assertThat(run("why", killed, "--local").out()).contains("started 2026-01-02 12:34:05+05:30");
  }

  @Test
  void timesInTheReadersZoneAreSoInJsonAndCsv() {
    TimeZone.setDefault(TimeZone.getTimeZone("America/St_Johns"));
    laboratory.close();
    laboratory = Laboratory.filled(directory);
    String id = Laboratory.RESUMED.toString();

    assertThat(run("list", "--csv", "--local").csv().get(0).getField("started_at"))
        .isEqualTo("2026-01-02 06:34:05-03:30");
    assertThat(run("list", "--csv").csv().get(0).getField("started_at"))
        .isEqualTo("2026-01-02 10:04:05");
    assertThat(run("show", id, "--json", "--local").json().at("/attempts/0/started_at").asText())
        .isEqualTo("2026-01-02 03:34:05-03:30");
    assertThat(run("why", id, "--json", "--local").json().at("/attempts/0/claims/0/at").asText())
        .isEqualTo("2026-01-02 03:34:06-03:30");
    assertThat(run("errors", "--json", "--local").json().at("/errors/1/created_at").asText())
        .isEqualTo("2026-01-02 03:34:06-03:30");
    assertThat(run("errors", "--since", "2026-01-02 03:34:06-03:30", "--csv").csv()).hasSize(2);
    assertThat(run("jobs", "--csv", "--local").csv().get(0).getField("started_at"))
        .isEqualTo("2026-01-02 06:34:05-03:30");
    assertThat(
            run("metrics", id, "loss", "--json", "--local")
                .json()
                .at("/metrics/0/points/0/timestamp")
                .asText())
        .endsWith("-03:30");
    assertThat(run("best", "loss", "--json", "--local").json().at("/runs/0/started_at").asText())
        .endsWith("-03:30");
  }

  /** Texts had JSON's quotes in CSV, where no reader removes them. */
  @Test
  void aCellOfCsvIsTheValueItself() {
    for (int i = 0; i < 2; i++) {
      Events job = Events.ofName("p", "n" + i, new UUID(6, i)).attempt(1 + i);
      String config =
          i == 0
              ? "{\"opt\":\"lion\",\"lr\":0.001,\"n\":3,\"on\":true,\"x\":{},\"quote\":\"a\\\"b\"}"
              : "{\"opt\":\"adam\",\"lr\":1e-5,\"n\":4,\"on\":false,\"x\":[],\"quote\":null}";
      laboratory.deliver(job.started(start -> start.setConfig(config)));
    }

    var rows = run("compare", "n0", "n1", "--csv").csv();

    for (String[] cells :
        new String[][] {
          {"opt", "lion", "adam"},
          {"lr", "0.001", "0.00001"},
          {"n", "3", "4"},
          {"on", "true", "false"},
          {"x", "{}", "[]"},
          {"quote", "a\"b", "null"}
        }) {
      assertThat(rows)
          .extracting(row -> row.getField("config." + cells[0]))
          .containsExactly(cells[1], cells[2]);
    }
    assertThat(
            run("compare", "n0", "n1", "--json")
                .json()
                .at("/config_differences")
                .findValuesAsText("path"))
        .contains("opt", "lr", "n", "on", "x", "quote");
  }
}
