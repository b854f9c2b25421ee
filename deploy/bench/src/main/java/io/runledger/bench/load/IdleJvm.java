package io.runledger.bench.load;

/** A Java that does nothing until it is ended: what one weighs by itself. */
public final class IdleJvm {

  private IdleJvm() {}

  public static void main(String[] arguments) throws InterruptedException {
    Thread.currentThread().join();
  }
}
