package io.runledger.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Where output goes. Java's own stream drops the reason of a failed write, and the failure itself:
 * output that a full disk had cut short would look complete.
 */
final class Stdout extends OutputStream {

  private static final Path STDOUT = Path.of("/proc/self/fd/1");

  private final OutputStream out;
  private IOException trouble;

  private Stdout(OutputStream out) {
    this.out = out;
  }

  static Stdout ofThisProcess() {
    return new Stdout(new FileOutputStream(FileDescriptor.out));
  }

  /** What verbs print to; each line is written at once. */
  PrintWriter writer() {
    String charset = System.getProperty("sun.stdout.encoding");
    return new PrintWriter(
        new OutputStreamWriter(
            this, charset == null ? Charset.defaultCharset() : Charset.forName(charset)),
        true);
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (trouble != null) {
      throw trouble;
    }
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      trouble = e;
      throw e;
    }
  }

  /** Why the output is incomplete; empty when it is complete, or when its reader has gone. */
  Optional<IOException> trouble() {
    return Optional.ofNullable(trouble).filter(e -> !isOfReader(e));
  }

  /** As with {@code head}, which has read enough. */
  private static boolean isOfReader(IOException e) {
    try {
      String to = Files.readSymbolicLink(STDOUT).toString();
      if (to.startsWith("pipe:") || to.startsWith("socket:")) {
        return true;
      }
    } catch (IOException | UnsupportedOperationException unknown) {
      // Only its message is left.
    }
    return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
  }
}
