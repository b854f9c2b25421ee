package io.runledger.service.deadletters;

/** What an operator wants done with a dead letter. */
public sealed interface DeadLetterRequest {

  /** The longest reason of a dismissal, in bytes of UTF-8. */
  int LONGEST_REASON = 4_096;

  /** The letter's number in the database. */
  long id();

  /** Decode it and fold it once more. */
  record Retry(long id) implements DeadLetterRequest {}

  /**
   * No more of it; its bytes stay.
   *
   * @param reason why, for whoever looks later
   */
  record Dismiss(long id, String reason) implements DeadLetterRequest {}
}
