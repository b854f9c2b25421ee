package io.runledger.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Under another id than the one that its data carry, a broker does not start. */
class ClusterIdTest {

  private static final String ID = "5L6g3nShT-eMCtK--X86sw";

  @TempDir private Path data;

  @BeforeEach
  void formatTheBroker() throws IOException {
    Files.createDirectory(data.resolve("broker"));
    Files.writeString(
        data.resolve("broker").resolve("meta.properties"), "version=1\ncluster.id=" + ID + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cluster.i", "\0\0\0\0", "cluster.id=\\u12", "\u00e9\u00ff"})
  void aFileThatACrashEmptiedOrDamagedIsWrittenAgainFromTheBrokersData(String content)
      throws IOException {
    Path file = data.resolve("cluster.properties");
    Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));

    assertThat(BrokerProcess.clusterId(data)).isEqualTo(ID);

    assertThat(LocalStack.read(file)).containsEntry("cluster.id", ID);
  }

  @Test
  void aNewDirectoryGetsAnIdThatItKeeps() throws IOException {
    Files.delete(data.resolve("broker").resolve("meta.properties"));

    String given = BrokerProcess.clusterId(data);

    assertThat(given).hasSize(22);
    assertThat(BrokerProcess.clusterId(data)).isEqualTo(given);
  }
}
