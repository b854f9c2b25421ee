package io.runledger.service.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.sqlite.SqliteLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorRequestsTest {

  private static final List<DeadLetterRequest> REQUESTS =
      LongStream.rangeClosed(1, 50)
          .mapToObj(id -> (DeadLetterRequest) new DeadLetterRequest.Retry(id))
          .toList();

  @TempDir private Path directory;
  private OperatorRequests requests;

  @BeforeEach
  void nameTheBox() {
    requests = new OperatorRequests(new SqliteLocation(directory.resolve("runledger.db")));
  }

  @Test
  void allRequestsOfAnOperatorAreThereAtTheFirstLook() throws Exception {
    ExecutorService operator = Executors.newSingleThreadExecutor();
    try {
      Future<List<Optional<DeadLetters.Outcome>>> answers =
          operator.submit(() -> requests.ask(REQUESTS, Duration.ofMinutes(1)));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> requests.waiting().size() == REQUESTS.size());
      for (DeadLetterRequest waiting : requests.waiting()) {
        long id = waiting.id();
        requests.done(waiting, new DeadLetters.Outcome(id % 2 == 0, "letter " + id));
      }

      assertThat(answers.get())
          .extracting(Optional::get)
          .containsExactlyElementsOf(
              LongStream.rangeClosed(1, 50)
                  .mapToObj(id -> new DeadLetters.Outcome(id % 2 == 0, "letter " + id))
                  .toList());
    } finally {
      operator.shutdownNow();
    }
  }

  @Test
  void requestsThatNobodyAnswersAreTakenBack() throws Exception {
    assertThat(requests.ask(REQUESTS, Duration.ZERO)).containsOnly(Optional.empty());

    assertThat(requests.waiting()).isEmpty();
  }

  @Test
  void requestsAreServedInTheOrderOfTheirNumbersWithTheReasonThatStandsInThem() throws Exception {
    put("retry-10", "");
    put("dismiss-9", "a test of ours");

    assertThat(requests.waiting())
        .containsExactly(
            new DeadLetterRequest.Dismiss(9, "a test of ours"), new DeadLetterRequest.Retry(10));
  }

  @Test
  void anAnswerTakesTheRequestOutOfTheBox() throws Exception {
    Path request = put("retry-10", "");

    requests.done(
        requests.waiting().get(0), new DeadLetters.Outcome(false, "It is still malformed."));

    assertThat(request).doesNotExist();
    assertThat(request.resolveSibling("answer-retry-10"))
        .hasContent("not done It is still malformed.");
    assertThat(requests.waiting()).isEmpty();
  }

  @Test
  void whatIsNoRequestIsLeftAlone() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "of somebody else");
    put("retry-0", "");
    put("retry-1.txt", "");
    put("dismiss-2", "x".repeat(DeadLetterRequest.LONGEST_REASON + 1));
    put("answer-retry-3", "done");
    Files.createDirectory(requests().resolve("retry-4"));
    Files.createSymbolicLink(requests().resolve("dismiss-5"), secret);

    assertThat(requests.waiting()).isEmpty();

    try (Stream<Path> left = Files.list(requests())) {
      assertThat(left).hasSize(6);
    }
  }

  @Test
  void aBoxThatIsALinkIsNoBox() throws Exception {
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("retry-1"), "");
    Files.createSymbolicLink(requests(), elsewhere);

    assertThat(requests.waiting()).isEmpty();
  }

  private Path requests() {
    return directory.resolve("runledger.db.requests");
  }

  private Path put(String name, String content) throws IOException {
    Files.createDirectories(requests());
    return Files.writeString(requests().resolve(name), content);
  }
}
