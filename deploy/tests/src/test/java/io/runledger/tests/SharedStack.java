package io.runledger.tests;

import io.runledger.stack.LocalStack;
import io.runledger.stack.StackFailedException;
import io.runledger.stack.StackOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The broker and the registry that all tests of this JVM share, one after the other, each in a
 * {@link TestLedger} of its own. A test may kill a part and start it again; a stack that a failed
 * test left dead is replaced for the next one. Broker and registry end with the JVM.
 */
final class SharedStack {

  private static Optional<LocalStack> running = Optional.empty();

  private SharedStack() {}

  /** The stack; it answers. */
  static synchronized LocalStack get() {
    if (running.isPresent() && !answers(running.get())) {
      running.get().close();
      running = Optional.empty();
    }
    if (running.isEmpty()) {
      running = Optional.of(start());
    }
    return running.get();
  }

  private static boolean answers(LocalStack stack) {
    if (!stack.broker().isAlive() || !stack.registry().isAlive()) {
      return false;
    }
    try {
      stack.awaitReady();
      return true;
    } catch (StackFailedException e) {
      return false;
    }
  }

  private static LocalStack start() {
    Path directory;
    try {
      directory = Files.createTempDirectory("shared-stack-");
    } catch (IOException e) {
      throw new UncheckedIOException("No directory for the stack of these tests.", e);
    }
    LocalStack stack = LocalStack.start(directory.resolve("data"), StackOptions.freePorts());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stack.close();
                  delete(directory);
                },
                "shared-stack-end"));
    return stack;
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("What the shared stack left in " + directory + " stays: " + e);
    }
  }
}
