package io.runledger.serde;

/** Bytes that are not a record of the topic: trying again later does not help. */
public final class MalformedRecordException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param reason what kind of trouble, in one word or two
   * @param message the sentence
   */
  public MalformedRecordException(String reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What kind of trouble, in one word or two; the same for all records of that kind. */
  public String reason() {
    return reason;
  }
}
