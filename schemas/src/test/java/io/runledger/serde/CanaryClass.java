package io.runledger.serde;

/** Must never be loaded: only schemas name it. Its initialiser reports that it ran. */
final class CanaryClass {

  static {
    System.setProperty("runledger.test.canary", "sang");
  }

  private CanaryClass() {}
}
