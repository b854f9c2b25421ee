package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.runledger.config.ExitCodes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Every verb that reads, in every form, over everything that a database holds: each answers in
 * time, with a documented exit code and in the form that was asked for.
 */
final class ReadVerbs {

  /** Far longer than any of them takes on a machine that is busy with something else, too. */
  private static final Duration AT_MOST = Duration.ofSeconds(30);

  private static final Set<Integer> FOUND = Set.of(ExitCodes.OK);
  private static final Set<Integer> FOUND_OR_NOT = Set.of(ExitCodes.OK, ExitCodes.NOT_FOUND);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of this many runs, everything is asked. */
  private static final int RUNS = 8;

  private final TestLedger ledger;
  private final Random random;
  private int calls;

  ReadVerbs(TestLedger ledger, Random random) {
    this.ledger = ledger;
    this.random = random;
  }

  /** How many of them answered. */
  int calls() {
    return calls;
  }

  /** Asks all of them. */
  void assertAnswer() throws Exception {
    Path database = ledger.database();
    for (String verb : List.of("list", "errors", "jobs")) {
      allForms(FOUND, verb, "--limit", "1000");
    }
    allForms(FOUND, "list", "--limit", "1");
    for (String metric : List.of("loss", "none", "", "\u001b[2J")) {
      allForms(FOUND_OR_NOT, "best", metric);
      allForms(FOUND_OR_NOT, "best", metric, "--mode", "max");
      allForms(FOUND_OR_NOT, "groups", "--by", "method,config.lr,tag", "--metric", metric);
      allForms(FOUND_OR_NOT, "groups", "--by", "status", "--metric", metric, "--value", "at:3");
    }
    List<String> visible = texts(database, "SELECT id FROM runs ORDER BY 1");
    List<String> some = new ArrayList<>(visible);
    Collections.shuffle(some, random);
    for (String id : some.subList(0, Math.min(RUNS, some.size()))) {
      ofRun(FOUND, id);
    }
    for (String id :
        texts(database, "SELECT id FROM experiment_runs WHERE deleted = 1 ORDER BY 1")) {
      ofRun(FOUND_OR_NOT, id);
    }
    for (int from = 0; from < visible.size(); from += 8) {
      List<String> words = new ArrayList<>(List.of("compare"));
      words.addAll(visible.subList(from, Math.min(from + 8, visible.size())));
      allForms(FOUND, words.toArray(String[]::new));
    }
    for (String table :
        texts(
            database,
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY 1")) {
      text(FOUND, "sql", "SELECT * FROM \"" + table + "\"", "--limit", "100000");
    }
    text(FOUND, "sql", "SELECT json_extract(config, '$.lr'), json(tags) FROM runs");
    text(FOUND, "sql", "SELECT json_extract(results, '$.a') FROM run_results");
    text(FOUND, "sql", "SELECT json_extract(metadata, '$.a') FROM artifacts");
    text(FOUND, "sql", "SELECT sum(elapsed_seconds), max(timestamp) FROM run_metrics");
    text(FOUND, "dead-letters", "list");
    json(FOUND, "dead-letters", "list", "--json");
    for (String letter :
        texts(
            database,
            "SELECT dead_letter_id FROM dead_letters ORDER BY length(value) DESC LIMIT 5")) {
      text(FOUND, "dead-letters", "show", letter);
      json(FOUND, "dead-letters", "show", letter, "--json");
    }
  }

  private void ofRun(Set<Integer> codes, String id) {
    text(codes, "show", id);
    json(codes, "show", id, "--json");
    text(codes, "why", id);
    json(codes, "why", id, "--json");
    allForms(codes, "metrics", id);
    allForms(FOUND_OR_NOT, "metrics", id, "loss");
    allForms(FOUND_OR_NOT, "metrics", id, "loss", "--limit", "3");
    allForms(FOUND_OR_NOT, "metrics", id, "loss", "--buckets", "2");
    allForms(codes, "errors", id);
    allForms(codes, "jobs", id);
  }

  private void allForms(Set<Integer> codes, String... words) {
    text(codes, words);
    json(codes, with(words, "--json"));
    csv(codes, with(words, "--csv"));
  }

  private void text(Set<Integer> codes, String... words) {
    Distribution.Result answer = run(codes, words);
    // whatever a terminal would obey
    assertThat((answer.out() + answer.err()).codePoints().filter(ReadVerbs::isControl).toArray())
        .as(String.join(" ", words))
        .isEmpty();
  }

  private static boolean isControl(int point) {
    // sql separates by tabs
    return (point != '\n' && point != '\t' && Character.getType(point) == Character.CONTROL)
        || (point >= 0x202a && point <= 0x202e);
  }

  private void json(Set<Integer> codes, String... words) {
    Distribution.Result answer = run(codes, words);
    if (answer.code() == ExitCodes.OK) {
      try {
        JSON.readTree(answer.out());
      } catch (JsonProcessingException e) {
        throw new AssertionError(String.join(" ", words) + " printed no JSON", e);
      }
    }
  }

  private void csv(Set<Integer> codes, String... words) {
    Distribution.Result answer = run(codes, words);
    if (answer.code() == ExitCodes.OK) {
      assertThat(
              CsvReader.builder().ofCsvRecord(answer.out()).stream()
                  .map(CsvRecord::getFieldCount)
                  .distinct())
          .as(String.join(" ", words))
          .hasSize(1);
    }
  }

  private Distribution.Result run(Set<Integer> codes, String... words) {
    calls++;
    Distribution.Result answer =
        assertTimeoutPreemptively(
            AT_MOST, () -> InProcessVerb.run(ledger, List.of(words)), String.join(" ", words));
    assertThat(codes).as("%s: %s", String.join(" ", words), answer.err()).contains(answer.code());
    assertThat(answer.err()).doesNotContain("\tat ", "--debug");
    return answer;
  }

  private static String[] with(String[] words, String... more) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static List<String> texts(Path database, String sql) throws Exception {
    String all =
        LedgerSql.single(
            database, "SELECT coalesce(group_concat(a, char(10)), '') FROM (" + as(sql) + ")");
    return all.lines().toList();
  }

  /** The one column of the query under the name {@code a}. */
  private static String as(String sql) {
    return "WITH q(a) AS (" + sql + ") SELECT a FROM q";
  }
}
