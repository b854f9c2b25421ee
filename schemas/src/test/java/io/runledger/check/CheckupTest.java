package io.runledger.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CheckupTest {

  private static final Checkup CHECKUP = new Checkup(Duration.ofMillis(200), Throwable::getMessage);

  @Test
  void findingsComeInTheOrderOfTheChecksWhicheverEndsFirst() throws Exception {
    CountDownLatch second = new CountDownLatch(1);
    Check waits =
        new Check(
            "one",
            () -> {
              await(second);
              return List.of(Finding.ok("one", "It works."));
            });
    Check goesFirst =
        new Check(
            "two",
            () -> {
              second.countDown();
              return List.of(Finding.warning("two", "It is slow.", "Wait."));
            });

    assertThat(CHECKUP.run(List.of(waits, goesFirst)))
        .extracting(Finding::component)
        .containsExactly("one", "two");
  }

  @Test
  void aCheckThatHangsIsAFindingAndTheOthersAreHeard() throws Exception {
    Check hangs =
        new Check(
            "broker",
            () -> {
              await(new CountDownLatch(1));
              return List.of();
            });

    List<Finding> findings =
        CHECKUP.run(
            List.of(hangs, new Check("java", () -> List.of(Finding.ok("java", "Java 17.")))));

    assertThat(findings).hasSize(2);
    assertThat(findings.get(0).severity()).isEqualTo(Finding.Severity.FAILED);
    assertThat(findings.get(0).what()).contains("did not finish");
    assertThat(findings.get(1).severity()).isEqualTo(Finding.Severity.OK);
  }

  @Test
  void aCheckThatThrowsIsAFindingInTheWordsOfItsFailure() throws Exception {
    Check throwing =
        new Check(
            "database",
            () -> {
              throw new IllegalStateException("The file is gone.");
            });

    assertThat(CHECKUP.run(List.of(throwing)))
        .containsExactly(Finding.failed("database", "The file is gone."));
  }

  @Test
  void whatTwoChecksFindIsSaidOnce() throws Exception {
    Finding damaged = Finding.failed("database", "The database is damaged.");
    Check reads = new Check("database", () -> List.of(damaged));
    Check looksForDamage = new Check("database", Finding.Severity.WARNING, () -> List.of(damaged));

    assertThat(CHECKUP.run(List.of(reads, looksForDamage))).containsExactly(damaged);
  }

  @Test
  void aFindingIsOneLineWithoutCredentials() {
    Finding finding =
        Finding.failed(
            "registry", "http://me:hunter2@host refuses:\n  no entry.", "Ask\nsomebody.");

    assertThat(finding.sentence())
        .isEqualTo("http://********@host refuses: no entry. Ask somebody.");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
