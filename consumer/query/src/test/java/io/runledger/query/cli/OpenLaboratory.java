package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.query.Laboratory;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A database that is empty before each test, and verbs that succeed on it. */
abstract class OpenLaboratory {

  @TempDir Path directory;
  Laboratory laboratory;

  @BeforeEach
  void open() {
    laboratory = Laboratory.empty(directory);
  }

  @AfterEach
  void close() {
    laboratory.close();
  }

  final Command run(String... words) {
    Command done = Command.at(laboratory.location(), words);
    assertThat(done.code()).as(done.err()).isZero();
    return done;
  }
}
