package io.runledger.bench;

/** A Java that does nothing until it is ended: what one weighs by itself. */
final class IdleJvm {

  private IdleJvm() {}

  public static void main(String[] arguments) throws InterruptedException {
    Thread.currentThread().join();
  }
}
