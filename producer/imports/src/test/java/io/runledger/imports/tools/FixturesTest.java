package io.runledger.imports.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.imports.files.PlainNumbers;
import io.runledger.imports.tools.Imported.EventId;
import io.runledger.imports.tools.Imported.Outcome;
import io.runledger.imports.tools.Imported.Run;
import io.runledger.imports.tools.Imported.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for the files of each tracker: their values, twice, whole and damaged. */
class FixturesTest {

  private static final long SEED = 20261130;

  /** Each of them costs an import; spread over the files of a fixture, each of which has one. */
  private static final int DAMAGES_A_FIXTURE = 24;

  /** Formats in which a flipped bit cannot go unnoticed. */
  private static final Set<ImportKind> CHECKED = Set.of(ImportKind.TENSORBOARD, ImportKind.WANDB);

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void itsValuesAreTheTrueOnes(Fixture fixture) throws IOException {
    Path source = fixture.copiedTo(directory);
    Path spool = directory.resolve("spool");

    Outcome outcome = Imported.run(fixture.kind, source, spool);

    assertThat(outcome.losses()).isEmpty();
    assertThat(outcome.runs()).isEqualTo(2);
    assertThat(Imported.runs(spool)).hasSize(2);
    for (JsonNode truth : fixture.truth()) {
      Run run = Imported.named(spool, truth.path("name").asText());
      assertThat(values(run)).isEqualTo(trueValues(truth));
      for (Map.Entry<String, JsonNode> each : truth.path("params").properties()) {
        assertThat(run.config.path(each.getKey())).as(each.getKey()).isEqualTo(each.getValue());
      }
      assertThat(run.statuses).isEqualTo(statuses(truth.path("status").asText("null")));
    }
  }

  private static List<String> statuses(String word) {
    return switch (word) {
      case "FINISHED", "finished" -> List.of("completed");
      case "FAILED", "failed" -> List.of("failed");
      default -> List.of();
    };
  }

  private static Map<String, List<String>> values(Run run) {
    Map<String, List<String>> values = new TreeMap<>();
    run.metrics.forEach(
        (name, points) -> values.put(name, points.stream().map(FixturesTest::shown).toList()));
    // What PyTorch's add_hparams wrote beside the hyperparameters.
    values.keySet().removeIf(name -> name.startsWith("hparam/"));
    return values;
  }

  private static String shown(Value point) {
    return point.step() + ": " + point.value();
  }

  private static Map<String, List<String>> trueValues(JsonNode truth) {
    Map<String, List<String>> values = new TreeMap<>();
    for (String part : List.of("metrics", "special")) {
      for (Map.Entry<String, JsonNode> each : truth.path(part).properties()) {
        List<String> points = new ArrayList<>();
        for (JsonNode point : each.getValue()) {
          JsonNode value = point.get(1);
          double number =
              value.isTextual()
                  ? PlainNumbers.number(value.asText()).orElseThrow()
                  : value.doubleValue();
          points.add(point.get(0).asLong() + ": " + number);
        }
        values.put(each.getKey(), points);
      }
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource
  void importingAgainAddsNothing(Fixture fixture) throws IOException {
    Path source = fixture.copiedTo(directory);
    Path spool = directory.resolve("spool");
    Outcome first = Imported.run(fixture.kind, source, spool);
    Map<EventId, SpecificRecord> events = Imported.events(spool);

    Outcome second = Imported.run(fixture.kind, source, spool);

    assertThat(first.writtenLines()).isPositive();
    assertThat(second.writtenLines()).isZero();
    assertThat(second.knownLines()).isEqualTo(first.writtenLines());
    assertThat(Imported.events(spool)).isEqualTo(events);
  }

  @ParameterizedTest
  @EnumSource
  void whereASpoolWasSentTheSameEventsComeAgain(Fixture fixture) throws IOException {
    Path source = fixture.copiedTo(directory);
    Imported.run(fixture.kind, source, directory.resolve("sent"));

    Imported.run(fixture.kind, source, directory.resolve("again"));

    assertThat(Imported.events(directory.resolve("again")))
        .isEqualTo(Imported.events(directory.resolve("sent")));
  }

  @ParameterizedTest
  @EnumSource
  void nothingOfTheSourceChanges(Fixture fixture) throws IOException {
    Path source = fixture.copiedTo(directory);
    Map<String, String> before = Fixture.state(source);

    Imported.run(fixture.kind, source, directory.resolve("spool"));

    assertThat(Fixture.state(source)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void itIsRecognized(Fixture fixture) throws IOException {
    Path source = fixture.copiedTo(directory);

    assertThat(ImportKind.guesses(source))
        .singleElement()
        .satisfies(guess -> assertThat(guess.kind()).isEqualTo(fixture.kind));
  }

  /** Values that no intact copy has may come from a cut number at most in whole-text formats. */
  @ParameterizedTest
  @EnumSource
  void ofATruncatedCopyWhatIsSoundIsImported(Fixture fixture) throws IOException {
    Path source = fixture.copiedTo(directory);
    Path whole = directory.resolve("whole");
    Imported.run(fixture.kind, source, whole);
    Set<String> sound = allValues(whole);
    Random random = new Random(SEED);
    int losses = 0;
    List<Path> files = Fixture.files(source);
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      for (int i = 0; i < damagesOfOne(files); i++) {
        int length = bytes.length < 2 ? 0 : 1 + random.nextInt(bytes.length - 1);
        Files.write(file, java.util.Arrays.copyOf(bytes, length));
        Path spool = directory.resolve("cut-" + i + "-" + file.getFileName());

        List<String> said = importedOrRefused(fixture, source, spool);

        losses += said.size();
        assertThat(sound).as("%s cut to %d", file, length).containsAll(allValues(spool));
        assertThat(Imported.runs(whole).keySet())
            .as("%s cut to %d: no run that the sound copy has not", file, length)
            .containsAll(Imported.runs(spool).keySet());
        remove(spool);
      }
      Files.write(file, bytes);
      Files.setLastModifiedTime(file, Fixture.OLD);
    }
    assertThat(losses).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void aFlippedBitCostsWhatItIsIn(Fixture fixture) throws IOException {
    Path source = fixture.copiedTo(directory);
    Path whole = directory.resolve("whole");
    Imported.run(fixture.kind, source, whole);
    Set<String> sound = allValues(whole);
    Random random = new Random(SEED);
    List<Path> files = Fixture.files(source);
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length == 0) {
        continue;
      }
      for (int i = 0; i < damagesOfOne(files); i++) {
        byte[] flipped = bytes.clone();
        int at = random.nextInt(bytes.length);
        flipped[at] = (byte) (flipped[at] ^ (1 << random.nextInt(8)));
        Files.write(file, flipped);
        Path spool = directory.resolve("flip-" + i + "-" + file.getFileName());

        List<String> said = importedOrRefused(fixture, source, spool);

        if (CHECKED.contains(fixture.kind)) {
          assertThat(said).as("%s flipped at %d", file, at).isNotEmpty();
          assertThat(sound).as("%s flipped at %d", file, at).containsAll(allValues(spool));
        }
        remove(spool);
      }
      Files.write(file, bytes);
      Files.setLastModifiedTime(file, Fixture.OLD);
    }
  }

  private static int damagesOfOne(List<Path> files) {
    return Math.max(1, DAMAGES_A_FIXTURE / files.size());
  }

  /** What was said about damage; a source that cannot be opened at all is refused in a sentence. */
  private static List<String> importedOrRefused(Fixture fixture, Path source, Path spool) {
    try {
      return Imported.run(fixture.kind, source, spool).losses();
    } catch (IOException refused) {
      assertThat(refused.getMessage()).contains(" ").endsWith(".");
      return List.of(refused.getMessage());
    }
  }

  private static Set<String> allValues(Path spool) throws IOException {
    Set<String> values = new HashSet<>();
    if (Files.isDirectory(spool)) {
      for (Run run : Imported.runs(spool).values()) {
        run.metrics.forEach(
            (name, points) -> points.forEach(point -> values.add(name + " " + shown(point))));
      }
    }
    return values;
  }

  private static void remove(Path spool) throws IOException {
    if (Files.isDirectory(spool)) {
      for (Path file : Fixture.files(spool)) {
        Files.delete(file);
      }
    }
  }
}
