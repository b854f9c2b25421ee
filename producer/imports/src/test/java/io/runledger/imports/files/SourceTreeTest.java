package io.runledger.imports.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What cannot be read is noted, and what is next to it is found. Whoever runs the tests may be
 * allowed to read everything: here, files are gone when it is their turn.
 */
class SourceTreeTest {

  @TempDir private Path directory;
  private final List<String> said = new ArrayList<>();
  private final Losses losses = new Losses(said::add);

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFileThatCannotBeOpenedIsNotedAndTheOthersAreFound() throws IOException {
    Path sound = Files.writeString(directory.resolve("a"), "x").toRealPath();
    Path gone = Files.writeString(directory.resolve("b"), "x").toRealPath();

    List<Path> found =
        SourceTree.files(
            directory,
            file -> {
              if (file.equals(gone)) {
                delete(file);
              }
              return true;
            },
            losses);

    assertThat(found).containsExactly(sound);
    assertThat(said)
        .containsExactly(
            gone + ", all of it: cannot be read (it is not there any more) and is left out.");
  }

  @Test
  void whatCannotBeEnteredIsNotedAndTheOthersAreFound() throws IOException {
    Path one = Files.writeString(directory.resolve("a"), "x").toRealPath();
    Path two = Files.writeString(directory.resolve("b"), "x").toRealPath();

    List<Path> found =
        SourceTree.files(
            directory,
            file -> {
              // Whichever comes first removes the other, so that the walk fails there.
              delete(file.equals(one) ? two : one);
              return true;
            },
            losses);

    assertThat(found).hasSize(1);
    assertThat(losses.count()).isEqualTo(1);
    assertThat(said.get(0)).contains("cannot be read (it is not there any more)");
  }

  @Test
  void aReasonIsInWords() {
    assertThat(SourceTree.reason(new AccessDeniedException("/a"))).isEqualTo("permission denied");
    assertThat(SourceTree.reason(new FileSystemException("/a", null, "Input/output error")))
        .isEqualTo("Input/output error");
    assertThat(SourceTree.reason(new IOException("the disk is gone\nmore")))
        .isEqualTo("the disk is gone");
  }
}
