package io.runledger.stack;

import io.runledger.files.HeldLocks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/** The right to run a stack in a directory; the operating system releases it with the process. */
final class StackLock implements AutoCloseable {

  private final HeldLocks.Held lock;

  private StackLock(HeldLocks.Held lock) {
    this.lock = lock;
  }

  static StackLock take(Path directory) {
    Path file = directory.resolve("stack.lock");
    try {
      Optional<HeldLocks.Held> lock = HeldLocks.takeByName(file);
      if (lock.isEmpty()) {
        throw new StackInUseException(
            "A stack already runs in %s (process %s); use it, stop it with Ctrl-C, or choose another directory with --data."
                .formatted(directory, HeldLocks.holder(file)));
      }
      return new StackLock(lock.get());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot lock " + file + ".", e);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot release the lock of the stack.", e);
    }
  }
}
