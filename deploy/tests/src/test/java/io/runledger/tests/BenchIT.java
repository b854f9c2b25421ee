package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.postgres.server.TestServer;
import io.runledger.schemas.TopicNames;
import io.runledger.stack.LocalStack;
import io.runledger.tests.Distribution.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benches measure what they say; no test checks how fast it is. */
@Tag("long")
class BenchIT {

  @TempDir private Path scratch;
  private Distribution distribution;

  @BeforeEach
  void findDistribution() {
    distribution = new Distribution(scratch);
  }

  @Test
  void allBenchesRunAndWhatGoesInComesOut() throws Exception {
    Path figures = scratch.resolve("figures.json");
    Path plot = scratch.resolve("plot.svg");
    Path place = scratch.resolve("place");

    Result result =
        distribution.run(
            Map.of(),
            "bench",
            "--points=30000",
            "--runs=30",
            "--rounds=1",
            "--verify",
            "--log-calls=2000",
            "--rate=1000",
            "--seconds=2",
            "--query-runs=100",
            "--series-points=50000",
            "--page-points=1000",
            "--dir=" + place,
            "--out=" + figures,
            "--plot=" + plot);

    assertThat(result.code()).as(result.err()).isZero();
    JsonNode report = new ObjectMapper().readTree(figures.toFile());
    assertThat(benches(report))
        .containsExactly(
            "exec", "ingest", "latency", "log", "query", "rebuild", "size", "start", "web");
    assertThat(report.get("figures")).allMatch(figure -> figure.get("value").asDouble() > 0);
    assertThat(report.get("figures"))
        .filteredOn(figure -> figure.has("reference"))
        .hasSizeGreaterThan(10)
        .allMatch(figure -> figure.get("ratio").asDouble() > 0);
    for (String curve : List.of("ingest", "rebuild")) {
      JsonNode samples = report.get("curves").get(curve);
      assertThat(samples.get(samples.size() - 1).get("points").asLong())
          .isBetween(20_000L, 40_000L);
    }
    assertThat(Files.readString(plot)).contains("</svg>");
    assertThat(place).isEmptyDirectory();
    assertThat(result.out()).contains("live, Kafka to SQLite", "brokers absent, median");
  }

  @Test
  void theSchemasOfABenchOnAServerAreGoneAfterwards() throws Exception {
    String url = TestServer.shared().emptyDatabase();
    Path figures = scratch.resolve("figures.json");

    Result result =
        distribution.run(
            Map.of(),
            "bench",
            "ingest",
            "rebuild",
            "members",
            "size",
            "latency",
            "query",
            "--db=" + url,
            "--points=30000",
            "--runs=30",
            "--rounds=1",
            "--verify",
            "--rate=1000",
            "--seconds=2",
            "--query-runs=100",
            "--series-points=50000",
            "--out=" + figures);

    assertThat(result.code()).as(result.err()).isZero();
    JsonNode report = new ObjectMapper().readTree(figures.toFile());
    assertThat(benches(report))
        .containsExactly("ingest", "latency", "members", "query", "rebuild", "size");
    assertThat(report.get("figures")).allMatch(figure -> figure.get("value").asDouble() > 0);
    assertThat(result.out()).contains("live, Kafka to PostgreSQL");
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet schemas =
            statement.executeQuery(
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'runledger%'")) {
      assertThat(schemas.next()).as("a schema is left").isFalse();
    }
  }

  private static NavigableSet<String> benches(JsonNode report) {
    TreeSet<String> benches = new TreeSet<>();
    report.get("figures").forEach(figure -> benches.add(figure.get("bench").asText()));
    return benches;
  }

  @Test
  void onAClusterTheTopicsAreMadeAndDeletedAndALedgerIsLeftAlone() throws Exception {
    Path figures = scratch.resolve("figures.json");
    try (LocalStack stack = TestStack.start(scratch.resolve("stack"));
        Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      String[] size = {
        "bench",
        "size",
        "--points=5000",
        "--runs=10",
        "--bootstrap-server=" + stack.bootstrapServers(),
        "--out=" + figures
      };
      Map<String, String> registry = Map.of("RUNLEDGER_SCHEMA_REGISTRY_URL", stack.registryUrl());

      Result withLedger = distribution.run(registry, size);
      Set<String> topicsOfLedger = admin.listTopics().names().get();
      admin.deleteTopics(TopicNames.DEFAULT.all()).all().get();
      Result without = distribution.run(registry, size);

      assertThat(withLedger.code()).isEqualTo(1);
      assertThat(withLedger.err())
          .contains(stack.bootstrapServers(), "set topics.prefix to an unused one");
      assertThat(topicsOfLedger).containsAll(TopicNames.DEFAULT.all());
      assertThat(without.code()).as(without.err()).isZero();
      assertThat(benches(new ObjectMapper().readTree(figures.toFile()))).containsExactly("size");
      assertThat(admin.listTopics().names().get())
          .doesNotContainAnyElementsOf(TopicNames.DEFAULT.all());
    }
  }

  @Test
  void numbersBelowOneUnknownBenchesAndFilesAsServersAreUsageErrors() throws Exception {
    Result file = distribution.run(Map.of(), "bench", "size", "--db=runledger.db");
    Result number = distribution.run(Map.of(), "bench", "size", "--points=0");
    Result bench = distribution.run(Map.of(), "bench", "speed");

    assertThat(number.code()).isEqualTo(2);
    assertThat(number.err()).contains("at least 1");
    assertThat(bench.code()).isEqualTo(2);
    assertThat(bench.err()).contains("speed");
    assertThat(file.code()).isEqualTo(2);
    assertThat(file.err()).contains("--db names a PostgreSQL database");
  }
}
