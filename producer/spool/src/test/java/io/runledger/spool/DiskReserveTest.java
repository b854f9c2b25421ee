package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Room that is held until a disk is full, and taken again when it is not any more. */
class DiskReserveTest {

  @TempDir private Path directory;
  private Path file;
  private long nanos;
  private DiskReserve reserve;

  @BeforeEach
  void takeIt() {
    file = directory.resolve(DiskReserve.FILE);
    reserve = DiskReserve.take(directory, () -> nanos);
  }

  /** No room can be taken as long as something else has its name. */
  private void fillTheDisk() throws IOException {
    Files.createDirectories(file.resolve("something"));
  }

  private void emptyTheDisk() throws IOException {
    Files.delete(file.resolve("something"));
    Files.delete(file);
  }

  private void aSecondLater() {
    nanos += 1_000_000_000;
  }

  @Test
  void roomIsHeldFromTheBeginning() {
    assertThat(file).hasSize(768 << 10);
    assertThat(reserve.isGiven()).isFalse();
  }

  @Test
  void itIsGivenOnce() throws IOException {
    assertThat(reserve.give()).isTrue();
    assertThat(file).doesNotExist();
    assertThat(reserve.give()).isFalse();
  }

  @Test
  void onceGivenItIsTriedToBeTakenASecondLaterAndNotBefore() throws IOException {
    assertThat(reserve.give()).isTrue();
    assertThat(reserve.isGiven()).isTrue();

    aSecondLater();

    assertThat(reserve.isGiven()).isFalse();
    assertThat(file).hasSize(768 << 10);
    assertThat(reserve.give()).as("it may be given again").isTrue();
  }

  @Test
  void whileTheDiskStaysFullItStaysGiven() throws IOException {
    assertThat(reserve.give()).isTrue();
    fillTheDisk();

    aSecondLater();
    assertThat(reserve.isGiven()).isTrue();
    assertThat(reserve.give()).as("there is none to give").isFalse();
    emptyTheDisk();
    aSecondLater();

    assertThat(reserve.isGiven()).isFalse();
  }

  @Test
  void aDiskThatIsFullFromTheBeginningHoldsNoRoom() throws IOException {
    reserve.close();
    fillTheDisk();

    DiskReserve none = DiskReserve.take(directory, () -> nanos);

    assertThat(none.isGiven()).isFalse();
    assertThat(none.give()).isFalse();
  }

  @Test
  void whatSomebodyRemovedIsTakenAgainUnlessItWasGiven() throws IOException {
    Files.delete(file);
    reserve.takeAgain();
    assertThat(file).exists();

    assertThat(reserve.give()).isTrue();
    reserve.takeAgain();

    assertThat(file).doesNotExist();
  }

  @Test
  void closingLeavesNothing() throws IOException {
    reserve.close();

    assertThat(directory).isEmptyDirectory();
  }
}
