package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.Base32;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python package makes the files: their names are what binds both. */
class ToldErrorsTest {

  private static final long ATTEMPT = 4_711;

  @TempDir private Path spool;
  private Path directory;
  private ToldErrors told;

  @BeforeEach
  void nameTheDirectory() {
    directory = spool.resolve(".ranks").resolve("told-" + Base32.encode(ATTEMPT));
    told = new ToldErrors(spool, ATTEMPT);
  }

  private void tell(String name) throws IOException {
    Files.createDirectories(directory);
    Files.createFile(directory.resolve(name));
  }

  @Test
  void anErrorIsKnownByItsTypeAndTheFirstLineOfItsMessage() throws IOException {
    tell("64889a069a791e08b7fa616e");

    assertThat(told.has("ValueError", Optional.of("bad shape\nin layer 3"))).isTrue();
    assertThat(told.has("ValueError", Optional.of("another shape"))).isFalse();
    assertThat(told.has("TypeError", Optional.of("bad shape"))).isFalse();
  }

  @Test
  void anErrorWithoutAMessageIsKnownByItsTypeAlone() throws IOException {
    tell("7990c23c3f23aa1bc61cf1c1");

    assertThat(told.has("KeyboardInterrupt", Optional.empty())).isTrue();
  }

  @Test
  void whereNobodyToldAnythingNothingIsKnownAndForgettingIsNoError() throws IOException {
    assertThat(told.has("ValueError", Optional.of("bad shape"))).isFalse();

    told.forget();
  }

  @Test
  void whatIsForgottenIsNoLongerThere() throws IOException {
    tell("64889a069a791e08b7fa616e");

    told.forget();

    assertThat(directory).doesNotExist();
  }
}
