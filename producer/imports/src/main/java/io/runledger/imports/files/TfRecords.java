package io.runledger.imports.files;

import com.google.protobuf.CodedInputStream;
import io.runledger.files.MaskedCrc32c;
import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The records of a TFRecord file, one after the other:
 *
 * <pre>
 * length  8 bytes, little-endian
 * crc     4 bytes: masked CRC32C of the length
 * data    as many bytes as length says
 * crc     4 bytes: masked CRC32C of the data
 * </pre>
 *
 * A record whose data is damaged costs itself; where a length is damaged, reading goes on at the
 * next place that has a length with its checksum. Not thread-safe.
 */
public final class TfRecords implements AutoCloseable {

  private static final int HEAD = 12;
  private static final int LENGTH = 8;
  private static final int TAIL = 4;

  /** Of a scalar, a thousandth would do; what is larger is an image, an audio, a graph. */
  private static final int LARGEST = 16 << 20;

  private final Path file;
  private final RecordSource source;
  private final Losses losses;
  private final LongConsumer progress;

  private TfRecords(Path file, RecordSource source, Losses losses, LongConsumer progress) {
    this.file = file;
    this.source = source;
    this.losses = losses;
    this.progress = progress;
  }

  /**
   * Opens a file.
   *
   * @param progress receives how many bytes each record had
   */
  public static TfRecords open(Path file, Losses losses, LongConsumer progress) throws IOException {
    return new TfRecords(file, RecordSource.open(file), losses, progress);
  }

  /** The next sound record, valid until the next call; empty at the end of the file. */
  public Optional<CodedInputStream> next() throws IOException {
    while (source.has(HEAD)) {
      if (!isHead()) {
        seekHead();
        continue;
      }
      long length = length();
      if (length > LARGEST) {
        skipLarge(length);
        continue;
      }
      int whole = HEAD + (int) length + TAIL;
      if (!source.has(whole)) {
        break;
      }
      int data = source.begin() + HEAD;
      long at = source.position();
      boolean isSound =
          MaskedCrc32c.of(source.window(), data, (int) length) == checksum(HEAD + (int) length);
      source.advance(whole);
      progress.accept(whole);
      if (isSound) {
        return Optional.of(CodedInputStream.newInstance(source.window(), data, (int) length));
      }
      losses.add(file, "offset " + at, "a record does not match its checksum and is left out");
    }
    if (source.available() > 0) {
      losses.add(
          file,
          "offset " + source.position(),
          "the file ends within a record, whose " + source.available() + " bytes are left out");
      source.advance(source.available());
    }
    return Optional.empty();
  }

  private boolean isHead() {
    long length = length();
    return length >= 0
        && MaskedCrc32c.of(source.window(), source.begin(), LENGTH) == checksum(LENGTH);
  }

  private long length() {
    return littleEndian().getLong(source.begin());
  }

  private int checksum(int from) {
    return littleEndian().getInt(source.begin() + from);
  }

  private ByteBuffer littleEndian() {
    return ByteBuffer.wrap(source.window()).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void seekHead() throws IOException {
    long from = source.position();
    do {
      source.advance(1);
    } while (source.has(HEAD) && !isHead());
    if (!source.has(HEAD)) {
      source.advance(source.available());
    }
    losses.add(
        file,
        "offset " + from,
        "no record begins here; %,d bytes are left out".formatted(source.position() - from));
  }

  private void skipLarge(long length) throws IOException {
    long from = source.position();
    // A length of nearly 2^63 with its checksum is nothing that a file can hold.
    long whole = Math.min(length, Long.MAX_VALUE - HEAD - TAIL) + HEAD + TAIL;
    source.skip(whole);
    progress.accept(source.position() - from);
    if (source.position() - from < whole) {
      losses.add(file, "offset " + from, "the file ends within a record, which is left out");
    } else {
      losses.leaveOut("records of more than 16 MB");
    }
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
