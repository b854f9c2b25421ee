package io.runledger.imports.lines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.runledger.config.Configuration;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.lines.JsonLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that imports put into a spool: whole ones, named by what they have. */
class SpoolFilesTest {

  private static final Instant AT = Instant.parse("2026-11-30T01:02:03.000045Z");

  @TempDir private Path spool;

  private static SourceRun run(String name) {
    return SourceRun.named("test", "p", name, name, Optional.of(AT));
  }

  private static RunWriter writer(SourceRun run, LineSink sink) {
    return new RunWriter(run, sink);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(spool)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private long distinctEvents() throws Exception {
    Configuration settings = Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty());
    Set<SpecificRecord> events = new HashSet<>();
    for (Path file : SpoolDirectory.jsonLines(spool)) {
      JsonLines lines = new JsonLines(file.getFileName().toString(), settings);
      for (String line : Files.readString(file).split("\n", -1)) {
        if (!line.isEmpty()) {
          lines
              .events(line.getBytes(StandardCharsets.UTF_8))
              .forEach(each -> events.add(each.event()));
        }
      }
    }
    return events.size();
  }

  @Test
  void aFileHasItsNameOnlyWhenItIsComplete() throws IOException {
    try (SpoolFiles files = new SpoolFiles(spool, "test")) {
      RunWriter writer = writer(run("a"), files);
      writer.metrics("").append(Point.of(AT, OptionalLong.of(1)), "loss", 0.5);
      assertThat(names()).allMatch(name -> name.startsWith(".importing-"));

      files.complete();

      assertThat(names()).singleElement().asString().matches("import-test-[0-9a-f]{16}\\.jsonl");
      Path file = spool.resolve(names().get(0));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      assertThat(Files.readString(file))
          .endsWith(
              "\"at\":1796000523.000045,\"metrics\":{\"loss\":0.5},\"step\":1}\n{\"end\":true}\n");
    }
  }

  @Test
  void anImportThatIsGivenUpLeavesNothing() throws IOException {
    try (SpoolFiles files = new SpoolFiles(spool, "test")) {
      writer(run("a"), files).metrics("").append(Point.of(AT, OptionalLong.of(1)), "loss", 0.5);
    }

    assertThat(names()).isEmpty();
  }

  @Test
  void runsShareTheFilesOfTheirWriters() throws Exception {
    try (SpoolFiles files = new SpoolFiles(spool, "test")) {
      for (int i = 0; i < 50; i++) {
        RunWriter writer = writer(run("run " + i), files);
        writer.start(AT, JsonNodeFactory.instance.objectNode());
        writer.metrics("").append(Point.of(AT, OptionalLong.of(1)), "loss", i);
        files.runEnded();
      }
      files.complete();
    }

    assertThat(names()).hasSize(2);
    assertThat(distinctEvents()).isEqualTo(100);
  }

  @Test
  void manyMetricsNeedFewDescriptors() throws Exception {
    try (SpoolFiles files = new SpoolFiles(spool, "test")) {
      for (int run = 0; run < 2; run++) {
        RunWriter writer = writer(run("run " + run), files);
        for (int i = 0; i < 250; i++) {
          try (RunWriter.MetricLog log = writer.metrics("metric " + i)) {
            log.append(Point.of(AT, OptionalLong.of(1)), "metric " + i, i);
          }
          try (Stream<Path> open = Files.list(spool)) {
            assertThat(open.filter(file -> file.toString().endsWith(".tmp")))
                .hasSizeLessThanOrEqualTo(200);
          }
        }
        files.runEnded();
      }
      files.complete();
    }

    assertThat(distinctEvents()).isEqualTo(500);
  }

  @Test
  void aLongStreamIsCutIntoBlocks() throws Exception {
    int calls = 2 * RunWriter.MetricLog.BLOCK + 1;
    try (SpoolFiles files = new SpoolFiles(spool, "test")) {
      RunWriter writer = writer(run("a"), files);
      try (RunWriter.MetricLog log = writer.metrics("")) {
        for (int i = 0; i < calls; i++) {
          log.append(Point.of(AT, OptionalLong.of(i)), "loss", i);
        }
      }
      files.complete();
      assertThat(files.writtenLines()).isEqualTo(calls);
    }

    assertThat(names()).hasSize(3);
    assertThat(distinctEvents()).isEqualTo(calls);
  }
}
