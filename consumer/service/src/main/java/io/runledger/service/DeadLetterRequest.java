package io.runledger.service;

/** What an operator wants done with a dead letter. */
public sealed interface DeadLetterRequest {

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
