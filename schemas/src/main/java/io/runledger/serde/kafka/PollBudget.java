package io.runledger.serde.kafka;

/** How many bytes the poll under way may still unpack. Used by the polling thread. */
final class PollBudget {

  /** An eighth of the heap that the service and a rebuild are given. */
  static final long BYTES = 64L << 20;

  private long spent;

  /** To be called as a poll begins. */
  void renew() {
    spent = 0;
  }

  void spend(long bytes) {
    spent += bytes;
  }

  boolean isSpent() {
    return spent >= BYTES;
  }
}
