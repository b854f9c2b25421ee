package io.runledger.service.deadletters;

import io.runledger.fold.projection.OperatorMail;
import io.runledger.fold.projection.OperatorMail.Answer;
import io.runledger.fold.projection.OperatorMail.Request;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators want done with dead letters, left where the store of a database keeps it, or in a
 * directory next to it. Not thread-safe.
 */
final class OperatorRequests implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OperatorRequests.class);
  private static final long BETWEEN_LOOKS_MILLIS = 100;

  private final ProjectionLocation database;
  private Optional<OperatorMail> open = Optional.empty();

  OperatorRequests(ProjectionLocation database) {
    this.database = database;
  }

  private OperatorMail mail() {
    if (open.isEmpty()) {
      open =
          Optional.of(
              database.mail().orElseGet(() -> new RequestFiles(database.companion(".requests"))));
    }
    return open.get();
  }

  /** The requests that wait, in the order of their letters' numbers; none while nobody can tell. */
  List<DeadLetterRequest> waiting() {
    try {
      return mail().waiting().stream()
          .map(
              request ->
                  request
                      .dismissal()
                      .<DeadLetterRequest>map(
                          why -> new DeadLetterRequest.Dismiss(request.letter(), why))
                      .orElseGet(() -> new DeadLetterRequest.Retry(request.letter())))
          .toList();
    } catch (ProjectionUnavailableException e) {
      // Whoever applies finds the same trouble, and says so; requests wait.
      LOG.debug("The requests of operators cannot be read.", e);
      close();
      return List.of();
    }
  }

  /** Answers a request, which waits no longer. */
  void done(DeadLetterRequest request, DeadLetters.Outcome outcome) {
    try {
      mail().answer(request(request), new Answer(outcome.done(), outcome.sentence()));
    } catch (ProjectionUnavailableException e) {
      LOG.warn("The answer to a request is lost: {}", e.getMessage());
      close();
    }
  }

  /**
   * Leaves requests, all at once, and waits for their answers: the service looks once a second.
   *
   * @return an answer for each, in their order; empty where there was none in time, and such a
   *     request is taken back
   * @throws ProjectionUnavailableException when they cannot be left
   */
  List<Optional<DeadLetters.Outcome>> ask(List<DeadLetterRequest> requests, Duration atMost)
      throws InterruptedException {
    List<Request> left = requests.stream().map(OperatorRequests::request).toList();
    mail().leave(left);
    long end = System.nanoTime() + atMost.toNanos();
    List<Optional<DeadLetters.Outcome>> answers = new ArrayList<>();
    for (Request request : left) {
      answers.add(answer(request, end));
    }
    return answers;
  }

  private Optional<DeadLetters.Outcome> answer(Request request, long end)
      throws InterruptedException {
    Optional<Answer> answer = mail().take(request);
    while (answer.isEmpty()) {
      if (System.nanoTime() - end >= 0) {
        mail().withdraw(request);
        return Optional.empty();
      }
      TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
      answer = mail().take(request);
    }
    return answer.map(found -> new DeadLetters.Outcome(found.done(), found.sentence()));
  }

  private static Request request(DeadLetterRequest request) {
    return new Request(
        request.id(),
        request instanceof DeadLetterRequest.Dismiss dismiss
            ? Optional.of(dismiss.reason())
            : Optional.empty());
  }

  /** Closes it; the next call opens it again, of the generation that is in use then. */
  @Override
  public void close() {
    Optional<OperatorMail> closing = open;
    open = Optional.empty();
    try {
      closing.ifPresent(OperatorMail::close);
    } catch (ProjectionUnavailableException e) {
      LOG.debug("The requests of operators did not close cleanly.", e);
    }
  }
}
