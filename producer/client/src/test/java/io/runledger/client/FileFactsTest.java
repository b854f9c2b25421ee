package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
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
  void factsOfADirectoryAreThoseOfTheSharedVectors() throws IOException {
    JsonNode vectors;
    try (InputStream in =
        FileFactsTest.class.getResourceAsStream("/io/runledger/schemas/directory-vectors.json")) {
      vectors = new ObjectMapper().readTree(in).get("directories");
    }
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "not a part of it");
    assertThat(vectors).isNotEmpty();
    for (JsonNode vector : vectors) {
      Path artifact = Files.createTempDirectory(directory, "artifact");
      Files.createSymbolicLink(artifact.resolve("link"), outside);
      Files.createSymbolicLink(artifact.resolve("file-link"), outside.resolve("secret"));
      Files.createDirectory(artifact.resolve("empty"));
      for (var file : vector.get("files").properties()) {
        Path path = artifact.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.writeString(path, file.getValue().textValue());
      }

      FileFacts facts = FileFacts.of(artifact);

      assertThat(facts)
          .isEqualTo(
              new FileFacts(
                  Optional.of(vector.get("size_bytes").longValue()),
                  Optional.of(vector.get("sha256").textValue()),
                  OptionalInt.of(vector.get("count").intValue())));
      Path link =
          Files.createSymbolicLink(directory.resolve(artifact.getFileName() + "-link"), artifact);
      assertThat(FileFacts.of(link)).isEqualTo(facts);
    }
  }

  @Test
  void whatIsNeitherARegularFileNorADirectoryIsNotRead() {
    assertThat(FileFacts.of(directory.resolve("absent")).sha256()).isEmpty();
    assertThat(FileFacts.of(Path.of("/dev/zero")).sha256()).as("it has no end").isEmpty();
  }
}
