package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every statement of the analyst's page runs, and none of them is too slow or misspelt. */
class AnalystPageTest {

  private static final Path PAGE = Path.of("../../deploy/docs/analyst.md");
  private static final Pattern BLOCK = Pattern.compile("(?s)```sql\\n(.*?)```");

  @TempDir Path directory;

  @Test
  void everyStatementOfThePageRuns() throws IOException {
    List<String> statements =
        BLOCK
            .matcher(Files.readString(PAGE))
            .results()
            .flatMap(block -> Pattern.compile(";\\s*\\n").splitAsStream(block.group(1)))
            .filter(statement -> !statement.isBlank())
            .toList();

    try (Laboratory laboratory = Laboratory.filled(directory);
        Ledger ledger = laboratory.open()) {
      assertThat(statements).hasSizeGreaterThan(10);
      for (String statement : statements) {
        List<?> rows = ledger.read(handle -> handle.select(statement).mapToMap().list());
        assertThat(rows).as(statement).isNotNull();
      }
    }
  }
}
