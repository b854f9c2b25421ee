package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.files.HeldLocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sender that looks at any moment sees that the writer lives. */
class WriterLockFileTest {

  @TempDir private Path directory;
  private Path file;
  private WriterLockFile lock;

  @BeforeEach
  void takeIt() throws IOException {
    file = directory.resolve(SpoolWriter.LOCK_FILE);
    lock = WriterLockFile.of(HeldLocks.take(file).orElseThrow(), file);
  }

  @AfterEach
  void giveItBack() throws IOException {
    lock.close();
    assertThat(HeldLocks.isHeldHere(file)).isFalse();
  }

  @Test
  void whereItStandsItStays() throws IOException {
    assertThat(lock.isDisplaced()).isFalse();
    assertThat(lock.restored()).isSameAs(lock);
  }

  @Test
  void removedItComesBackLocked() throws IOException {
    Files.delete(file);
    assertThat(lock.isDisplaced()).isTrue();

    lock = lock.restored();

    assertThat(lock.isDisplaced()).isFalse();
    assertThat(HeldLocks.isHeldHere(file)).isTrue();
    assertThat(directory.resolve(".writer.lock.restored")).doesNotExist();
  }

  @Test
  void anotherFileUnderItsNameIsReplaced() throws IOException {
    Files.delete(file);
    Files.createFile(file);

    lock = lock.restored();

    assertThat(lock.isDisplaced()).isFalse();
    assertThat(HeldLocks.isHeldHere(file)).isTrue();
  }

  @Test
  void whereItCannotComeBackTheOldOneIsKept() throws IOException {
    Files.delete(file);
    Files.createDirectories(file.resolve("in-the-way"));

    assertThatThrownBy(() -> lock.restored()).isInstanceOf(IOException.class);

    assertThat(directory.resolve(".writer.lock.restored")).doesNotExist();
    Files.delete(file.resolve("in-the-way"));
    Files.delete(file);
    lock = lock.restored();
    assertThat(lock.isDisplaced()).isFalse();
  }
}
