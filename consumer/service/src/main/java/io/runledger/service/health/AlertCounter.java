package io.runledger.service.health;

/** Counts what becomes of alerts. Thread-safe. */
public interface AlertCounter {

  /** Counts nothing. */
  AlertCounter NONE =
      new AlertCounter() {
        @Override
        public void fired(int count) {}

        @Override
        public void delivered() {}

        @Override
        public void failed() {}

        @Override
        public void pending(long count) {}
      };

  /** Rules fired. */
  void fired(int count);

  /** A firing reached one of those to whom it goes. */
  void delivered();

  /** A try to deliver one failed. */
  void failed();

  /** So many deliveries wait now. */
  void pending(long count);
}
