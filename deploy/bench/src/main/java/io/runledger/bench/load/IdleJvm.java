package io.runledger.bench.load;

/** A JVM that does nothing until it is ended, to measure its own memory. */
public final class IdleJvm {

  private IdleJvm() {}

  public static void main(String[] arguments) throws InterruptedException {
    Thread.currentThread().join();
  }
}
