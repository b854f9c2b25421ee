package io.runledger.imports.files;

import com.google.protobuf.CodedInputStream;
import io.runledger.imports.lines.Losses;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The records of a {@code .wandb} file: after 7 bytes ({@code :W&B}, 0xbee1, version 0) blocks of
 * 32 KiB as in a log of LevelDB, each with parts of records:
 *
 * <pre>
 * crc     4 bytes, little-endian: CRC32 of the type and the data
 * length  2 bytes, little-endian
 * type    1 the whole record, 2 its first part, 3 one in the middle, 4 its last part
 * data
 * </pre>
 *
 * A damaged part costs its record; where a length is damaged, reading goes on in the next block.
 * Not thread-safe.
 */
public final class WandbLog implements AutoCloseable {

  private static final int BLOCK = 32 << 10;
  private static final int HEAD = 7;
  private static final int FULL = 1;
  private static final int FIRST = 2;
  private static final int LAST = 4;

  /** Larger ones are texts that nobody logged as metrics. */
  private static final int LARGEST = 32 << 20;

  private static final byte[] MAGIC = {':', 'W', '&', 'B', (byte) 0xe1, (byte) 0xbe, 0};

  private final Path file;
  private final RecordSource source;
  private final Losses losses;
  private final LongConsumer progress;
  private final Checksums checksums = new Checksums();
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private boolean isBegun;
  private boolean isInDoubt;

  private WandbLog(Path file, RecordSource source, Losses losses, LongConsumer progress) {
    this.file = file;
    this.source = source;
    this.losses = losses;
    this.progress = progress;
  }

  /**
   * Opens a file.
   *
   * @param progress receives how many bytes each part had
   */
  public static WandbLog open(Path file, Losses losses, LongConsumer progress) throws IOException {
    RecordSource source = RecordSource.open(file);
    try {
      WandbLog log = new WandbLog(file, source, losses, progress);
      log.readMagic();
      return log;
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private void readMagic() throws IOException {
    if (source.has(MAGIC.length)) {
      byte[] found =
          Arrays.copyOfRange(source.window(), source.begin(), source.begin() + MAGIC.length);
      if (!Arrays.equals(found, MAGIC)) {
        losses.add(
            file,
            "offset 0",
            "it does not begin as a log of W&B does ("
                + new String(found, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".")
                + "); it is read as one all the same");
      }
    }
    source.skip(MAGIC.length);
  }

  /** The next sound record; empty at the end of the file. */
  public Optional<CodedInputStream> next() throws IOException {
    while (source.has(1)) {
      int left = BLOCK - (int) (source.position() % BLOCK);
      if (left < HEAD) {
        source.skip(left);
        continue;
      }
      if (!source.has(HEAD)) {
        break;
      }
      ByteBuffer head = ByteBuffer.wrap(source.window()).order(ByteOrder.LITTLE_ENDIAN);
      int crc = head.getInt(source.begin());
      int length = Short.toUnsignedInt(head.getShort(source.begin() + 4));
      int type = source.window()[source.begin() + 6];
      if (length > left - HEAD) {
        leaveBlock("the length of a record is damaged", left);
        continue;
      }
      if (!source.has(HEAD + length)) {
        break;
      }
      Optional<CodedInputStream> record = part(crc, length, type, left);
      if (record.isPresent()) {
        return record;
      }
    }
    if (source.available() > 0 || isBegun) {
      losses.add(
          file, "offset " + source.position(), "the file ends within a record, which is left out");
      source.advance(source.available());
      forget();
    }
    return Optional.empty();
  }

  private Optional<CodedInputStream> part(int crc, int length, int type, int left)
      throws IOException {
    int data = source.begin() + HEAD;
    if (checksums.plain(type, source.window(), data, length) != crc) {
      if (isInDoubt) {
        leaveBlock("several records do not match their checksums", left);
        return Optional.empty();
      }
      losses.add(
          file,
          "offset " + source.position(),
          "a record does not match its checksum and is left out");
      isInDoubt = true;
      forget();
      advance(length);
      return Optional.empty();
    }
    isInDoubt = false;
    long at = source.position();
    advance(length);
    if (type == FULL || type == FIRST) {
      if (isBegun) {
        losses.add(file, "offset " + at, "the end of the record before is missing");
      }
      forget();
      isBegun = true;
    }
    if (!isBegun || begun.size() + length > LARGEST) {
      // What a damaged first part belongs to was said there.
      forget();
      return Optional.empty();
    }
    begun.write(source.window(), data, length);
    if (type != FULL && type != LAST) {
      return Optional.empty();
    }
    byte[] record = begun.toByteArray();
    forget();
    return Optional.of(CodedInputStream.newInstance(record));
  }

  private void advance(int length) {
    source.advance(HEAD + length);
    progress.accept(HEAD + length);
  }

  private void leaveBlock(String why, int left) throws IOException {
    losses.add(
        file,
        "offset " + source.position(),
        why + "; the rest of its block, up to %,d bytes, is left out".formatted(left));
    isInDoubt = false;
    forget();
    source.skip(left);
    progress.accept(left);
  }

  private void forget() {
    begun.reset();
    isBegun = false;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
