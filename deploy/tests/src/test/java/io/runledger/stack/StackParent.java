package io.runledger.stack;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** Starts a stack and waits to be killed. */
final class StackParent {

  private StackParent() {}

  public static void main(String[] arguments) throws InterruptedException {
    LocalStack.start(Path.of(arguments[0]), StackOptions.freePorts());
    System.out.println("ready");
    new CountDownLatch(1).await();
  }
}
