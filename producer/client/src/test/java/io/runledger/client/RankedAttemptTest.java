package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which attempt is shared by wrappers that a launcher started side by side. */
@Timeout(60)
class RankedAttemptTest {

  private static final RunId RUN = run(1);

  @TempDir private Path spool;
  private final AtomicLong ids = new AtomicLong();

  @Test
  void ranksThatBeginTheSameRunShareOneAttemptWhoeverComesFirst() {
    RankedAttempt second = of(RUN, srun(1, 3));
    RankedAttempt first = of(RUN, srun(0, 3));
    RankedAttempt third = of(RUN, srun(2, 3));

    assertThat(List.of(first.attempt(), third.attempt())).containsOnly(second.attempt());
    assertThat(second.begins()).isTrue();
    assertThat(first.begins()).isFalse();
    assertThat(third.begins()).isFalse();
    assertThat(first.decidesGoodEnd()).isTrue();
    assertThat(second.decidesGoodEnd()).isFalse();
    assertThat(third.decidesGoodEnd()).isFalse();
  }

  @Test
  void ofRanksThatComeAtOneMomentOneBegins() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    ExecutorService ranks = Executors.newFixedThreadPool(16);
    List<Future<RankedAttempt>> coming = new ArrayList<>();
    for (int rank = 0; rank < 16; rank++) {
      Map<String, String> environment = srun(rank, 16);
      coming.add(
          ranks.submit(
              () -> {
                go.await();
                return of(RUN, environment);
              }));
    }
    go.countDown();
    List<RankedAttempt> all = new ArrayList<>();
    for (Future<RankedAttempt> one : coming) {
      all.add(one.get());
    }
    ranks.shutdown();

    assertThat(all).extracting(RankedAttempt::attempt).containsOnly(all.get(0).attempt());
    assertThat(all).filteredOn(RankedAttempt::begins).hasSize(1);
    assertThat(all).filteredOn(RankedAttempt::decidesGoodEnd).hasSize(1);
  }

  @Test
  void whereRankZeroRunsSomethingElseTheRankThatBeganDecides() {
    RankedAttempt other = of(run(0), srun(0, 3));
    RankedAttempt first = of(RUN, srun(1, 3));
    RankedAttempt second = of(RUN, srun(2, 3));

    assertThat(second.attempt()).isEqualTo(first.attempt()).isNotEqualTo(other.attempt());
    assertThat(other.begins() && other.decidesGoodEnd()).isTrue();
    assertThat(first.decidesGoodEnd()).isTrue();
    assertThat(second.decidesGoodEnd()).isFalse();
  }

  @Test
  void aRankThatBeginsTheRunAgainBeginsAnotherAttempt() {
    List<Long> attempts = new ArrayList<>();
    for (int time = 0; time < 3; time++) {
      long attempt = of(RUN, srun(0, 2)).attempt();
      assertThat(of(RUN, srun(1, 2)).attempt()).isEqualTo(attempt);
      attempts.add(attempt);
    }

    assertThat(attempts).doesNotHaveDuplicates();
  }

  @Test
  void anotherStepJobRestartOrLauncherIsAnotherAttempt() {
    Set<Long> attempts =
        List.of(
                srun(1, 2),
                with(srun(1, 2), "SLURM_STEP_ID", "1"),
                with(srun(1, 2), "SLURM_JOB_ID", "901"),
                with(srun(1, 2), "SLURM_RESTART_COUNT", "1"),
                with(mpirun(1, 2), "PMIX_NAMESPACE", "a"),
                with(mpirun(1, 2), "PMIX_NAMESPACE", "b"))
            .stream()
            .map(environment -> of(RUN, environment).attempt())
            .collect(Collectors.toSet());

    assertThat(attempts).hasSize(6);
  }

  @Test
  void ranksOfMpiInsideOneTaskOfSlurmShareAnAttempt() {
    Map<String, String> task = with(srun(0, 2), "PMIX_NAMESPACE", "a");

    RankedAttempt first = of(RUN, with(task, mpirun(0, 2)));
    RankedAttempt second = of(RUN, with(task, mpirun(1, 2)));

    assertThat(second.attempt()).isEqualTo(first.attempt());
  }

  @Test
  void aProcessThatIsAloneLeavesNoNotes() throws Exception {
    for (Map<String, String> environment :
        List.of(Map.<String, String>of(), srun(0, 1), with(srun(0, 2), "SLURM_PROCID", "x"))) {
      RankedAttempt alone = of(RUN, environment);

      assertThat(alone.begins() && alone.decidesGoodEnd()).isTrue();
    }
    assertThat(ids).hasValue(3);
    assertThat(spool).isEmptyDirectory();
  }

  @Test
  void whereNoNotesCanBeMadeTheRankHasAnAttemptOfItsOwn() throws Exception {
    Files.writeString(spool.resolve(".ranks"), "");

    RankedAttempt alone = of(RUN, srun(1, 2));

    assertThat(alone.begins() && alone.decidesGoodEnd()).isTrue();
  }

  @Test
  void notesOfLastWeekAreRemovedAndLinesThatWaitThereAreNot() throws Exception {
    of(RUN, srun(0, 2));
    Path group;
    try (var groups = Files.list(spool.resolve(".ranks"))) {
      group = groups.findFirst().orElseThrow();
    }
    Files.writeString(group.resolve("w.jsonl"), "{}\n");
    Files.setLastModifiedTime(group, FileTime.from(Instant.now().minus(Duration.ofDays(8))));

    of(RUN, with(srun(0, 2), "SLURM_JOB_ID", "901"));

    try (var left = Files.list(group)) {
      assertThat(left).containsExactly(group.resolve("w.jsonl"));
    }
  }

  private RankedAttempt of(RunId run, Map<String, String> environment) {
    return RankedAttempt.of(spool, run, environment, ids::incrementAndGet);
  }

  private static RunId run(long seed) {
    return RunId.of(RunKey.of("7", null, null, null, null, seed));
  }

  private static Map<String, String> srun(int rank, int size) {
    return Map.of(
        "SLURM_JOB_ID",
        "900",
        "SLURM_STEP_ID",
        "0",
        "SLURM_PROCID",
        "" + rank,
        "SLURM_NTASKS",
        "" + size);
  }

  private static Map<String, String> mpirun(int rank, int size) {
    return Map.of("OMPI_COMM_WORLD_RANK", "" + rank, "OMPI_COMM_WORLD_SIZE", "" + size);
  }

  private static Map<String, String> with(Map<String, String> all, String name, String value) {
    return with(all, Map.of(name, value));
  }

  private static Map<String, String> with(Map<String, String> all, Map<String, String> further) {
    Map<String, String> both = new HashMap<>(all);
    both.putAll(further);
    return both;
  }
}
