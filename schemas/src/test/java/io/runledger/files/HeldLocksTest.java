package io.runledger.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Closing any descriptor of a file gives all locks of the process on it back. */
class HeldLocksTest {

  /** In a separate process: ends with 0 when it gets the lock of a file. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] file) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(file[0]), StandardOpenOption.WRITE);
          FileLock lock = channel.tryLock()) {
        System.exit(lock == null ? 1 : 0);
      }
    }
  }

  @TempDir private Path directory;

  private static boolean isFreeForOthers(Path file) throws Exception {
    return new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName(),
                file.toString())
            .inheritIO()
            .start()
            .waitFor()
        == 0;
  }

  @Test
  void aSecondTakerInThisProcessDoesNotGiveTheFirstOnesLockAway() throws Exception {
    Path file = directory.resolve("one.lock");
    Path link = Files.createSymbolicLink(directory.resolve("same"), directory);

    try (HeldLocks.Held held = HeldLocks.takeByName(file).orElseThrow()) {
      assertThat(held).isNotNull();
      assertThat(HeldLocks.takeByName(file)).isEmpty();
      assertThat(HeldLocks.take(link.resolve("one.lock"))).isEmpty();
      assertThat(HeldLocks.isHeld(file)).isTrue();
      assertThat(HeldLocks.holder(file)).isEqualTo(Long.toString(ProcessHandle.current().pid()));
      assertThat(isFreeForOthers(file)).isFalse();
    }

    assertThat(isFreeForOthers(file)).isTrue();
  }

  @Test
  void aLockStaysWithTheFileWhenItsDirectoryIsRenamed() throws Exception {
    Path made = Files.createDirectory(directory.resolve("made"));
    Path named = directory.resolve("named");
    HeldLocks.Held held = HeldLocks.take(made.resolve("lock")).orElseThrow();

    try (HeldLocks.Held moved = HeldLocks.moved(held, made, named)) {
      assertThat(moved).isNotNull();
      assertThat(HeldLocks.isHeldHere(named.resolve("lock"))).isTrue();
      assertThat(isFreeForOthers(named.resolve("lock"))).isFalse();
    }

    assertThat(HeldLocks.isHeld(named.resolve("lock"))).isFalse();
  }

  @Test
  void whoIsNotNamedInALockFileIsUnknown() throws IOException {
    Path file = Files.createFile(directory.resolve("one.lock"));

    assertThat(HeldLocks.holder(file)).isEqualTo("(unknown)");
  }
}
