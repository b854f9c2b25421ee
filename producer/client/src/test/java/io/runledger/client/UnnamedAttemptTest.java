package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.client.UnnamedAttempt.News;
import io.runledger.client.UnnamedAttempt.Taken;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.spool.LivingProcess;
import io.runledger.spool.SpoolDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the attempt of a wrapper that was given no name. */
class UnnamedAttemptTest {

  private static final RunId WRAPPER = new RunId(1);
  private static final RunId NAMED = new RunId(2);
  private static final RunId OTHER = new RunId(3);

  @TempDir private Path spool;

  @Test
  void theFirstRunHidesTheWrappersAndASecondOneShowsItAgainOnce() throws Exception {
    UnnamedAttempt attempt = new UnnamedAttempt(WRAPPER, 9, spool);

    assertThat(attempt.isFirst()).isTrue();
    assertThat(attempt.takenBy(NAMED, 9)).isEqualTo(News.HIDDEN);
    assertThat(attempt.isFirst()).isFalse();
    assertThat(attempt.takenBy(NAMED, 10)).as("once more").isEqualTo(News.NONE);
    assertThat(attempt.takenBy(OTHER, 11)).isEqualTo(News.SHOWN_AGAIN);
    assertThat(attempt.takenBy(OTHER, 12)).isEqualTo(News.NONE);
    assertThat(attempt.taken())
        .containsExactlyInAnyOrder(
            new Taken(NAMED, 9), new Taken(NAMED, 10), new Taken(OTHER, 11), new Taken(OTHER, 12));

    attempt.forget();

    assertThat(attempt.taken()).isEmpty();
    assertThat(spool.resolve(".ranks")).isEmptyDirectory();
  }

  @Test
  void aRunThatTookPartInTheWrappersOwnHidesNothing() throws Exception {
    UnnamedAttempt attempt = new UnnamedAttempt(WRAPPER, 9, spool);

    assertThat(attempt.isFirst()).isTrue();
    assertThat(attempt.takenBy(WRAPPER, 9)).isEqualTo(News.NONE);
    assertThat(attempt.takenBy(NAMED, 10)).isEqualTo(News.NONE);
  }

  @Test
  void aJobThatIsSubmittedFromAWrappedCommandIsNoPartOfIt() {
    String mark = UnnamedAttempt.mark(9, Map.of("SLURM_JOB_ID", "7", "SLURM_RESTART_COUNT", "1"));

    assertThat(mark).isEqualTo(Base32.encode(9) + " 7/1");
    assertThat(above(Map.of(UnnamedAttempt.MARK, mark))).isEmpty();
    assertThat(above(Map.of(UnnamedAttempt.MARK, mark, "SLURM_JOB_ID", "8"))).isEmpty();
    assertThat(
            above(
                Map.of(UnnamedAttempt.MARK, mark, "SLURM_JOB_ID", "7", "SLURM_RESTART_COUNT", "1")))
        .isPresent();
    assertThat(above(Map.of())).isEmpty();
  }

  @Test
  void theWrapperTellsEachRunWhatItKnowsAndSpeaksForTheOnlyOne() throws Exception {
    UnnamedAttempt attempt = new UnnamedAttempt(WRAPPER, 9, spool.resolve("spool"));
    List<Taken> joined = new ArrayList<>();
    Configuration offline =
        Configuration.load(
            Map.of(
                Setting.SPOOL.key(),
                spool.resolve("spool").toString(),
                Setting.SENDER_ENABLED.key(),
                "false"),
            Map.of("HOME", spool.toString()),
            Optional.empty());
    try (Tracker tracker = Tracker.open(offline)) {
      TakenRuns runs =
          new TakenRuns(
              attempt,
              taken -> {
                joined.add(taken);
                return tracker.start("p", "n" + joined.size(), Map.of());
              });
      runs.look();
      assertThat(runs.only()).isEmpty();

      attempt.isFirst();
      attempt.takenBy(NAMED, 9);
      runs.look();
      runs.look();
      assertThat(runs.only()).isPresent();

      attempt.takenBy(OTHER, 10);
      runs.look();
      assertThat(runs.only()).isEmpty();
      assertThat(joined).containsExactly(new Taken(NAMED, 9), new Taken(OTHER, 10));

      runs.close();
      assertThat(Files.exists(spool.resolve("spool/.ranks/taken-" + Base32.encode(9)))).isFalse();
    }
  }

  @Test
  void ofRunsThatBeginAtOneMomentNoneHidesTheWrappersForGood() throws Exception {
    UnnamedAttempt attempt = new UnnamedAttempt(WRAPPER, 9, spool);
    attempt.isFirst();
    Path other = spool.resolve(".ranks/taken-" + Base32.encode(9)).resolve(Base32.encode(11));

    Files.createSymbolicLink(other, Path.of(OTHER.toString()));
    assertThat(attempt.takenBy(NAMED, 9)).as("noted before it looked").isEqualTo(News.NONE);

    UnnamedAttempt later = new UnnamedAttempt(WRAPPER, 19, spool);
    later.isFirst();
    assertThat(later.takenBy(NAMED, 19)).isEqualTo(News.HIDDEN);
    assertThat(later.isMoreThanOne()).isFalse();
    assertThat(later.takenBy(OTHER, 20)).isEqualTo(News.SHOWN_AGAIN);
    assertThat(later.isMoreThanOne()).as("who says that it is hidden looks again").isTrue();
  }

  @Test
  void ofTwoAttemptsOfARunThatBeginAtOneMomentOneHidesTheWrappers() throws Exception {
    UnnamedAttempt attempt = new UnnamedAttempt(WRAPPER, 9, spool);
    attempt.isFirst();
    Path other = spool.resolve(".ranks/taken-" + Base32.encode(9)).resolve(Base32.encode(11));

    Files.createSymbolicLink(other, Path.of(NAMED.toString()));

    assertThat(attempt.takenBy(NAMED, 9)).isEqualTo(News.HIDDEN);
    assertThat(attempt.takenBy(NAMED, 12)).isEqualTo(News.NONE);
  }

  @Test
  void howACommandEndsIsNotSaidOfOneRunBesideWhichItDidMore() throws Exception {
    Configuration offline =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), spool.toString(), Setting.SENDER_ENABLED.key(), "false"),
            Map.of("HOME", spool.toString()),
            Optional.empty());
    try (Tracker tracker = Tracker.open(offline)) {
      UnnamedAttempt joined = new UnnamedAttempt(WRAPPER, 9, spool);
      TakenRuns besideJoined = new TakenRuns(joined, taken -> tracker.start("p", "n", Map.of()));
      joined.isFirst();
      joined.takenBy(NAMED, 9);
      besideJoined.look();
      assertThat(besideJoined.only()).isPresent();
      assertThat(joined.takenBy(WRAPPER, 10))
          .as("a start without a name")
          .isEqualTo(News.SHOWN_AGAIN);
      besideJoined.look();
      assertThat(besideJoined.only()).isEmpty();

      UnnamedAttempt outer = new UnnamedAttempt(WRAPPER, 19, spool);
      TakenRuns besideWrapper = new TakenRuns(outer, taken -> tracker.start("p", "n", Map.of()));
      outer.isFirst();
      outer.takenBy(NAMED, 19);
      assertThat(outer.sharedBy(20)).as("a wrapper without a name").isEqualTo(News.SHOWN_AGAIN);
      besideWrapper.look();
      assertThat(besideWrapper.only()).isEmpty();

      UnnamedAttempt before = new UnnamedAttempt(WRAPPER, 29, spool);
      assertThat(before.sharedBy(30)).isEqualTo(News.NONE);
      assertThat(before.isFirst()).isFalse();
      assertThat(before.takenBy(NAMED, 31)).isEqualTo(News.NONE);
    }
  }

  @Test
  void aWrapperThatTakesPartInARunIsNotTheProcessWhoseEndIsTheRuns() throws Exception {
    Configuration offline =
        Configuration.load(
            Map.of(Setting.SPOOL.key(), spool.toString(), Setting.SENDER_ENABLED.key(), "false"),
            Map.of("HOME", spool.toString()),
            Optional.empty());
    try (Tracker tracker = Tracker.open(offline);
        WatchedRun wrapper = tracker.watch(RunOptions.builder("p", "n").build(), false)) {
      UnnamedAttempt attempt = new UnnamedAttempt(wrapper.runId(), wrapper.attemptId(), spool);
      assertThat(attempt.isFirst()).isTrue();
      attempt.takenBy(NAMED, wrapper.attemptId());

      wrapper.look();

      List<RunId> watched = new ArrayList<>();
      for (Path writer : SpoolDirectory.writers(spool)) {
        LivingProcess.read(writer).ifPresent(process -> watched.add(process.run()));
      }
      assertThat(SpoolDirectory.writers(spool)).hasSize(2);
      assertThat(watched).containsExactly(wrapper.runId());
    }
  }

  private Optional<UnnamedAttempt> above(Map<String, String> environment) {
    return UnnamedAttempt.above(WRAPPER, 9, spool, environment);
  }
}
