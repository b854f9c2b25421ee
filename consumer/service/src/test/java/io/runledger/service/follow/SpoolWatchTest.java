package io.runledger.service.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the operating system reports of directories, and to whom. */
@Timeout(60)
class SpoolWatchTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(50);

  @TempDir private Path directory;

  @Test
  void moreSpoolsThanAUserHasInstancesOfInotifyAreWatchedByOne() throws Exception {
    List<SpoolWatch> watches = new ArrayList<>();
    for (int number = 0; number < 200; number++) {
      Path spool = Files.createDirectory(directory.resolve(String.valueOf(number)));
      watches.add(SpoolWatch.of(spool, false));
    }
    Path file = Files.createFile(directory.resolve("150/a.jsonl"));

    assertThat(watches.get(150).await(LONG).paths()).containsExactly(file);
    assertThat(watches.get(149).await(SHORT)).isEqualTo(new SpoolWatch.Changes(false, Set.of()));
    assertThat(instances()).isEqualTo(1);
    watches.forEach(SpoolWatch::close);
  }

  @Test
  void twoThatWatchOneDirectoryBothSeeChangesAndTheSecondAlsoAfterTheFirstIsClosed()
      throws Exception {
    SpoolWatch first = SpoolWatch.of(directory, false);
    SpoolWatch second = SpoolWatch.of(directory, false);
    Path file = Files.createFile(directory.resolve("a.jsonl"));

    assertThat(first.await(LONG).paths()).containsExactly(file);
    assertThat(second.await(LONG).paths()).containsExactly(file);

    first.close();
    Path later = Files.createFile(directory.resolve("b.jsonl"));
    assertThat(second.await(LONG).paths()).containsExactly(later);
    assertThat(first.await(SHORT).paths()).isEmpty();
    second.close();
  }

  @Test
  void aDirectoryMayBeRemovedAtTheMomentInWhichItsWatchIsClosed() throws Exception {
    for (int round = 0; round < 300; round++) {
      Path spool = Files.createDirectory(directory.resolve("removed-" + round));
      SpoolWatch watch = SpoolWatch.of(spool, false);
      Files.delete(spool);
      watch.close();
    }
  }

  @Test
  void whatWasAppendedBeforeAMarkIsReportedWithTheMark() throws Exception {
    Path writer = Files.createDirectory(directory.resolve("writer"));
    SpoolWatch watch = SpoolWatch.of(directory, false);
    watch.add(writer);
    for (int round = 0; round < 200; round++) {
      Path segment = Files.createFile(writer.resolve(round + ".avro"));
      Path mark = Files.createFile(directory.resolve(".mark-" + round));

      Set<Path> seen = new HashSet<>();
      while (!seen.contains(mark)) {
        seen.addAll(watch.await(LONG).paths());
      }

      assertThat(seen).contains(segment);
    }
    watch.close();
  }

  private static long instances() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(SpoolWatchTest::isInotify).count();
    }
  }

  private static boolean isInotify(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("inotify");
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }
}
