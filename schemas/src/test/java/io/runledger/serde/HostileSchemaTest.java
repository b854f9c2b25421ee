package io.runledger.serde;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileSchemaTest {

  @TempDir Path directory;

  @Test
  void noClassThatAForeignSchemaNamesIsEverLoaded() throws Exception {
    Path loaded = directory.resolve("loaded.txt");
    Path output = directory.resolve("output.txt");

    Process process = start(loaded, output);

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String printed = Files.readString(output);
    assertThat(process.exitValue()).as(printed).isZero();
    assertThat(printed)
        .contains("record -> decoded ErrorLogged")
        .contains("enum -> decoded ErrorLogged")
        .contains("fixed -> decoded ErrorLogged")
        .contains("elements -> decoded ErrorLogged")
        .contains("keys -> decoded ErrorLogged")
        .contains("string -> decoded ErrorLogged")
        .contains("branch -> malformed: undecodable")
        .contains("itself -> malformed: another schema");
    assertThat(Files.readString(loaded))
        .contains("io.runledger.serde.RecordDecoder")
        .doesNotContain(HostileSchemas.CANARY);
  }

  @Test
  void theCanaryWouldHaveBeenSeen() throws Exception {
    // Without this, a misspelt name would let the test above pass for ever.
    assertThat(Class.forName(HostileSchemas.CANARY).getName()).isEqualTo(HostileSchemas.CANARY);
    assertThat(System.getProperty("runledger.test.canary")).isEqualTo("sang");
  }

  private static Process start(Path loaded, Path output) throws IOException {
    // No system property for Avro: its list of trusted classes must do without one.
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
            "-XX:-UsePerfData",
            "-Xlog:class+load:file=" + loaded,
            "-cp",
            System.getProperty("java.class.path"),
            HostileSchemas.class.getName())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }
}
