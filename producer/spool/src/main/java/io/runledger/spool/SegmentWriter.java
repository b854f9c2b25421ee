package io.runledger.spool;

import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Topics;
import io.runledger.serde.EventModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xerial.snappy.Snappy;

/**
 * Appends events to one segment: an Avro object container file in which every block is one event,
 * and every block one write. A partial write is truncated. Not thread-safe.
 */
final class SegmentWriter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SegmentWriter.class);
  private static final CodecFactory CODEC = codec();

  /** Nothing more can be appended to the segment; what is in it stays readable. */
  static final class UnusableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnusableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final Path file;
  private RandomAccessFile out;
  private FileIdentity identity;
  private final Block block = new Block();
  private final DataFileWriter<SpecificRecord> encoder;
  private long bytes;

  private SegmentWriter(Path file, RandomAccessFile out, Topics topic) throws IOException {
    this.file = file;
    this.out = out;
    this.identity = FileIdentity.of(file);
    this.encoder = new DataFileWriter<>(EventModel.writer(topic));
    encoder.setCodec(CODEC);
    encoder.create(topic.schema(), block);
  }

  static SegmentWriter create(Path file, Topics topic) throws IOException {
    Files.createFile(file, PrivateFiles.FILE);
    // Not a FileChannel: an interrupt of the training's thread would close it in mid-write.
    RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw");
    try {
      SegmentWriter writer = new SegmentWriter(file, out, topic);
      writer.encoder.flush();
      writer.writeBlock();
      return writer;
    } catch (IOException | RuntimeException e) {
      out.close();
      // An empty segment would make the next attempt to create it fail.
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /**
   * Appends the event as a separate block.
   *
   * @return bytes that it took
   */
  int append(SpecificRecord event) throws IOException {
    try {
      encoder.append(event);
      encoder.flush();
    } catch (IOException | RuntimeException | Error e) {
      throw new UnusableException("An event could not be encoded: " + e, e);
    }
    return writeBlock();
  }

  private int writeBlock() throws IOException {
    try {
      int length = block.appendTo(out);
      bytes += length;
      return length;
    } catch (IOException e) {
      cutBack(e);
      throw e;
    } finally {
      block.reset();
    }
  }

  /** What Avro made of an event, on its way into the file without another copy. */
  private static final class Block extends ByteArrayOutputStream {

    Block() {
      super(1_024);
    }

    int appendTo(RandomAccessFile out) throws IOException {
      out.write(buf, 0, count);
      return count;
    }
  }

  private void cutBack(IOException cause) throws UnusableException {
    try {
      out.setLength(bytes);
      out.seek(bytes);
    } catch (IOException e) {
      e.addSuppressed(cause);
      throw new UnusableException("Cannot truncate a partially written event in " + file + ".", e);
    }
  }

  /** Whether its name now belongs to another file, or to none. */
  boolean isDisplaced() throws IOException {
    return !identity.standsAt(file);
  }

  /**
   * Restores the complete file under its name, from the one that this process still has open. Where
   * that fails, it continues in the open file.
   */
  void restore() throws IOException {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".restored");
    Files.deleteIfExists(fresh);
    Files.createFile(fresh, PrivateFiles.FILE);
    RandomAccessFile copy = new RandomAccessFile(fresh.toFile(), "rw");
    try {
      copyTo(copy);
      copy.getFD().sync();
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      copy.close();
      Files.deleteIfExists(fresh);
      throw e;
    }
    RandomAccessFile before = out;
    out = copy;
    identity = FileIdentity.of(file);
    before.close();
  }

  private void copyTo(RandomAccessFile copy) throws IOException {
    byte[] buffer = new byte[1 << 16];
    try {
      out.seek(0);
      for (long at = 0; at < bytes; ) {
        int read = out.read(buffer, 0, (int) Math.min(buffer.length, bytes - at));
        if (read < 0) {
          throw new IOException(file + " shrank while it was open.");
        }
        copy.write(buffer, 0, read);
        at += read;
      }
    } finally {
      out.seek(bytes);
    }
  }

  /** Bytes in the file. */
  long bytes() {
    return bytes;
  }

  /**
   * Makes what was appended survive a crash of the machine; may run while another thread appends.
   */
  void sync() throws IOException {
    out.getFD().sync();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  /** Snappy, for the CRC of its blocks; where its native library cannot be loaded, none. */
  private static CodecFactory codec() {
    try {
      Snappy.compress(new byte[1]);
      return CodecFactory.snappyCodec();
    } catch (IOException | RuntimeException | LinkageError e) {
      LOG.info(
          "Spool segments are written without checksums: snappy cannot be loaded ({}).",
          e.toString());
      return CodecFactory.nullCodec();
    }
  }
}
