package io.runledger.fold.projection;

import java.util.List;
import java.util.Optional;

/**
 * Where operators leave requests about dead letters for those who write a projection, and find
 * their answers. Not thread-safe.
 *
 * <p>Every method throws {@link ProjectionUnavailableException} when it cannot be used now.
 */
public interface OperatorMail extends AutoCloseable {

  /**
   * What an operator wants done with a dead letter: to dismiss it, or to try it once more. Two
   * requests for the same letter and action are one.
   *
   * @param letter the letter's number in the projection
   * @param dismissal why it is dismissed; empty when it is to be tried once more
   */
  record Request(long letter, Optional<String> dismissal) {}

  /**
   * What came of a request.
   *
   * @param done whether it was carried out
   * @param sentence in words
   */
  record Answer(boolean done, String sentence) {}

  /** The requests that wait, by letter. */
  List<Request> waiting();

  /** Answers a request, which waits no longer. */
  void answer(Request request, Answer answer);

  /** Leaves requests; an older answer to one of them is forgotten. */
  void leave(List<Request> requests);

  /** Takes the answer to a request, if there is one. */
  Optional<Answer> take(Request request);

  /** Takes a request back that nobody answered. */
  void withdraw(Request request);

  @Override
  void close();
}
