package io.runledger.service.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.sqlite.SqliteLocation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestBoxTest {

  private static final List<DeadLetterRequest> REQUESTS =
      LongStream.rangeClosed(1, 50)
          .mapToObj(id -> (DeadLetterRequest) new DeadLetterRequest.Retry(id))
          .toList();

  @TempDir private Path directory;
  private RequestBox box;

  @BeforeEach
  void nameTheBox() {
    box = new RequestBox(new SqliteLocation(directory.resolve("runledger.db")));
  }

  @Test
  void allRequestsOfAnOperatorAreThereAtTheFirstLook() throws Exception {
    ExecutorService operator = Executors.newSingleThreadExecutor();
    try {
      Future<List<Optional<DeadLetters.Outcome>>> answers =
          operator.submit(() -> box.ask(REQUESTS, Duration.ofMinutes(1)));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> box.waiting().size() == REQUESTS.size());
      for (RequestBox.Waiting waiting : box.waiting()) {
        long id = waiting.request().id();
        box.done(waiting, new DeadLetters.Outcome(id % 2 == 0, "letter " + id));
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
    assertThat(box.ask(REQUESTS, Duration.ZERO)).containsOnly(Optional.empty());

    assertThat(box.waiting()).isEmpty();
  }
}
