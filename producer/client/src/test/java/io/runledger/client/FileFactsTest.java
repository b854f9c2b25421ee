package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileFactsTest {

  @TempDir private Path directory;

  @Test
  void sizeAndHashAreThoseOfTheContent() throws IOException {
    FileFacts facts = FileFacts.of(Files.writeString(directory.resolve("model.pt"), "hello"));

    assertThat(facts.size()).contains(5L);
    assertThat(facts.sha256())
        .contains("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  }

  @Test
  void whatIsNoRegularFileIsNotRead() {
    assertThat(FileFacts.of(directory).size()).isEmpty();
    assertThat(FileFacts.of(directory.resolve("absent")).sha256()).isEmpty();
    assertThat(FileFacts.of(Path.of("/dev/zero")).sha256()).as("it has no end").isEmpty();
  }
}
