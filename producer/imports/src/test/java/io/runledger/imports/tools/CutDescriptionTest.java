package io.runledger.imports.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.imports.tools.Imported.EventId;
import io.runledger.imports.tools.Imported.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that describe a run, cut: what is imported of it is a part of what the sound one gives. */
class CutDescriptionTest {

  @TempDir private Path directory;

  private static Path fileIn(Path source, String ending) throws IOException {
    return Fixture.files(source).stream()
        .filter(file -> file.toString().endsWith(ending))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The values of the run whose file was cut, at each length, and that nothing else comes of it.
   */
  private Map<Integer, Long> values(Fixture fixture, String ending, int step) throws IOException {
    Path source = fixture.copiedTo(directory);
    Path file = fileIn(source, ending);
    byte[] sound = Files.readAllBytes(file);
    Path whole = directory.resolve("whole");
    Imported.run(fixture.kind, source, whole);
    Set<EventId> all = metrics(whole);
    Map<Integer, Long> values = new TreeMap<>();
    for (int length = 0; length < sound.length; length += step) {
      Files.write(file, Arrays.copyOf(sound, length));
      Path spool = directory.resolve("cut" + length);

      Outcome outcome = Imported.run(fixture.kind, source, spool);

      Set<EventId> some = metrics(spool);
      if (some.size() < all.size()) {
        assertThat(outcome.losses()).as("cut to %d", length).isNotEmpty();
      }
      assertThat(all).as("cut to %d", length).containsAll(some);
      values.put(length, (long) some.size());
    }
    return values;
  }

  private static Set<EventId> metrics(Path spool) throws IOException {
    Map<EventId, SpecificRecord> events = Imported.events(spool);
    events.keySet().removeIf(id -> !id.topic().equals("metrics"));
    return events.keySet();
  }

  @Test
  void aRunOfSacredWhoseDescriptionIsCutBehindItsStart() throws IOException {
    Path source = Fixture.SACRED.copiedTo(directory.resolve("first"));
    int next = Files.readString(fileIn(source, "1/run.json")).indexOf("\"status\"");

    Map<Integer, Long> values = values(Fixture.SACRED, "1/run.json", 7);

    long most = values.values().stream().mapToLong(Long::longValue).max().orElseThrow();
    values.keySet().removeIf(length -> length >= next && length < next + 20);
    assertThat(values)
        .allSatisfy((length, count) -> assertThat(count == most).isEqualTo(length > next));
  }

  @Test
  void aRunOfMlflowWhoseDescriptionIsCutBehindItsStart() throws IOException {
    Path source = Fixture.MLFLOW_FILE.copiedTo(directory.resolve("first"));
    String ending = "3f06a3a724594f359a2c25fc3e1afbac/meta.yaml";
    int start = Files.readString(fileIn(source, ending)).indexOf("status:");

    Map<Integer, Long> values = values(Fixture.MLFLOW_FILE, ending, 5);

    long most = values.values().stream().mapToLong(Long::longValue).max().orElseThrow();
    assertThat(values)
        .allSatisfy((length, count) -> assertThat(count == most).isEqualTo(length >= start));
  }

  @Test
  void theRunsOfAnExperimentOfMlflowWhoseDescriptionIsCutAreNotOfAnotherProject()
      throws IOException {
    Map<Integer, Long> values = values(Fixture.MLFLOW_FILE, "406493159849197138/meta.yaml", 5);

    assertThat(values.get(0)).isZero();
  }
}
