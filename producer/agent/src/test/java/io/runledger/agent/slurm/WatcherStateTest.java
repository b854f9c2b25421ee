package io.runledger.agent.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.RunId;
import io.runledger.schemas.TopicNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatcherStateTest {

  private static final WatcherState.Content CONTENT =
      new WatcherState.Content(
          Map.of(0, 17L, 3, 4L),
          List.of(
              new KnownJobs.Kept(
                  new Reference(
                      7, new RunId(11), 12, 1, Instant.parse("2026-11-23T12:00:00.123456Z")),
                  "RUNNING|\"x\"",
                  false)));

  @TempDir private Path dir;

  @Test
  void whatWasSavedIsThereAfterARestart() throws Exception {
    try (WatcherState state = WatcherState.take(dir, "lab", TopicNames.DEFAULT).orElseThrow()) {
      assertThat(state.read()).isEqualTo(WatcherState.Content.NONE);
      state.save(CONTENT);
    }

    try (WatcherState state = WatcherState.take(dir, "lab", TopicNames.DEFAULT).orElseThrow()) {
      assertThat(state.read()).isEqualTo(CONTENT);
    }
  }

  @Test
  void itsDirectoryAndFilesAreTheirOwnersAlone() throws Exception {
    Path data = dir.resolve("data");
    try (WatcherState state = WatcherState.take(data, "lab", TopicNames.DEFAULT).orElseThrow()) {
      state.save(CONTENT);
    }

    try (var files = Files.walk(data)) {
      assertThat(files)
          .hasSize(3)
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo(file.equals(data) ? "rwx------" : "rw-------"));
    }
  }

  @Test
  void oneWatcherServesACluster() throws Exception {
    try (WatcherState first = WatcherState.take(dir, "lab", TopicNames.DEFAULT).orElseThrow();
        WatcherState other = WatcherState.take(dir, "other", TopicNames.DEFAULT).orElseThrow();
        WatcherState prefix = WatcherState.take(dir, "lab", new TopicNames("p")).orElseThrow()) {
      assertThat(WatcherState.take(dir, "lab", TopicNames.DEFAULT)).isEmpty();
      assertThat(first.read()).isEqualTo(other.read()).isEqualTo(prefix.read());
    }
  }

  @Test
  void aClustersNameLeadsNowhereElse() throws Exception {
    try (WatcherState state = WatcherState.take(dir, "../../x", TopicNames.DEFAULT).orElseThrow()) {
      state.save(CONTENT);
    }

    try (var files = Files.list(dir)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("slurm-______x.lock", "slurm-______x.json");
    }
  }

  @Test
  void aFileThatIsNoneIsSaidToBeNone() throws Exception {
    Files.writeString(dir.resolve("slurm-lab.json"), "{\"offsets\":{}}");
    try (WatcherState state = WatcherState.take(dir, "lab", TopicNames.DEFAULT).orElseThrow()) {
      assertThatThrownBy(state::read)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("slurm-lab.json is not the state of a SLURM watcher; move it away");
    }
  }
}
