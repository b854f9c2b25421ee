package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Assumptions;

/** A file system in memory of some megabytes; whoever may not mount one skips the test. */
final class SmallDisk implements AutoCloseable {

  private final Path directory;

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  static SmallDisk mount(Path directory, int megabytes) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    int code =
        run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", directory.toString());
    Assumptions.assumeTrue(code == 0, "Only root may mount a file system that fills up.");
    return new SmallDisk(directory);
  }

  Path directory() {
    return directory;
  }

  /** Leaves no byte free; deleting the file frees them again. */
  Path fill() throws IOException {
    Path filler = directory.resolve("filler");
    byte[] bytes = new byte[1 << 16];
    for (int size = bytes.length; size > 0; size /= 2) {
      append(filler, bytes, size);
    }
    return filler;
  }

  private static void append(Path filler, byte[] bytes, int size) throws IOException {
    boolean room = true;
    while (room) {
      try (OutputStream out =
          Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        out.write(bytes, 0, size);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("No space left");
        room = false;
      }
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @Override
  public void close() throws IOException {
    try {
      assertThat(run("umount", directory.toString())).as("umount " + directory).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
