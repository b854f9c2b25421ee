package io.runledger.imports.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.imports.tools.Imported.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source is read in a stream: its size does not matter to the memory that is needed. */
class LargeEventFileTest {

  private static final int POINTS = 1_500_000;
  private static final String FILE = "events.out.tfevents.1795828659.node1.7.0";

  @TempDir private Path directory;

  @Test
  @Tag("long")
  void aLargeEventFileIsImportedInASmallHeap() throws Exception {
    Path file = directory.resolve("logs/a").resolve(FILE);
    try (EventFileWriter writer = new EventFileWriter(file).version(1_795_828_659)) {
      for (int step = 0; step < POINTS; step++) {
        writer.scalar(1_795_828_659 + step / 1e3, step, "train/loss", 1f / (step + 1));
      }
    }
    assertThat(Files.size(file)).isGreaterThan(70L << 20);

    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx40m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                directory.resolve("logs").toString(),
                directory.resolve("spool").toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("out").toFile())
            .start();

    assertThat(child.waitFor(100, TimeUnit.SECONDS)).isTrue();
    String out = Files.readString(directory.resolve("out"));
    assertThat(out).contains("lines " + (POINTS + 1)).contains("losses []");
    assertThat(child.exitValue()).isZero();
    List<Path> files = Fixture.files(directory.resolve("spool"));
    assertThat(files).hasSize(1 + POINTS / 50_000);
  }

  /** What runs in the small heap. */
  static final class Child {

    private Child() {}

    public static void main(String[] arguments) throws IOException {
      Outcome outcome =
          Imported.run(ImportKind.TENSORBOARD, Path.of(arguments[0]), Path.of(arguments[1]));
      System.out.println("lines " + outcome.writtenLines());
      System.out.println("losses " + outcome.losses());
    }
  }
}
