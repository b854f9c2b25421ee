package io.runledger.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** Reads pieces of files that somebody may still write. */
final class FileBytes {

  private FileBytes() {}

  /**
   * The bytes from a position on, fewer where the file ends before.
   *
   * @param most how many are wanted; less than 1 gives none
   */
  static byte[] at(FileChannel channel, long position, long most) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(0, most));
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        break;
      }
    }
    return buffer.hasRemaining()
        ? Arrays.copyOf(buffer.array(), buffer.position())
        : buffer.array();
  }
}
