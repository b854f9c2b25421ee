package io.runledger.serde;

/** Must never be loaded: only schemas name it. Its initialiser shows whether it was initialised. */
final class CanaryClass {

  static {
    System.setProperty("runledger.test.canary", "sang");
  }

  private CanaryClass() {}
}
