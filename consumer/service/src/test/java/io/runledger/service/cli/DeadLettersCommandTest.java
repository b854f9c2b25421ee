package io.runledger.service.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.projection.Projection;
import io.runledger.sqlite.SqliteProjection;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The text in a record that could not be applied may have been crafted for a terminal. */
class DeadLettersCommandTest {

  @TempDir private Path directory;
  private Path database;

  @BeforeEach
  void putARecordAside() {
    database = directory.resolve("runledger.db");
    try (Projection projection = Deliveries.claimed(SqliteProjection.open(database))) {
      projection.apply(
          Deliveries.batch(
              projection,
              List.of(
                  new Decoded.Malformed(
                      "bad line", "The status is '\u202egnp\u202c \u001b[2J\u2028\u009b'."))));
    }
  }

  private String printed(String... words) {
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(new DeadLettersCommand());
    line.setOut(new PrintWriter(out));
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--db", database.toString()));
    assertThat(line.execute(all.toArray(String[]::new))).isZero();
    return out.toString();
  }

  @Test
  void textThatTurnsTheReadingDirectionIsShownAsASign() {
    String harmless = "The status is '\ufffdgnp\ufffd \u241b[2J\ufffd\ufffd'.";

    assertThat(printed("list")).contains(harmless);
    assertThat(printed("show", "1")).contains(harmless);
  }
}
