package io.runledger.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a registry's data when it is started again; H2 of the real registry is asked. */
class RegistryDataTest {

  @TempDir private Path dir;
  private RegistryData data;
  private Path file;

  @BeforeEach
  void makeDirectories() throws IOException {
    Files.createDirectory(dir.resolve("tmp"));
    file = Files.createDirectory(dir.resolve("registry")).resolve("registry.mv.db");
    data = new RegistryData(dir);
  }

  @Test
  void tablesThatAKilledFirstStartLeftHalfMadeAreDeleted() throws Exception {
    makeDatabase("CREATE TABLE apicurio (propName VARCHAR(255), propValue VARCHAR(255))");

    data.removeUnfinished(Installation.find());

    assertThat(file).doesNotExist();
  }

  @Test
  void allTablesWithoutASchemaInThemAreDeleted() throws Exception {
    makeDatabase("CREATE TABLE content (contentId BIGINT)");

    data.removeUnfinished(Installation.find());

    assertThat(file).doesNotExist();
  }

  @Test
  void theSchemasOfAnEarlierVersionAreKept() throws Exception {
    makeDatabase("CREATE TABLE content (contentId BIGINT)", "INSERT INTO content VALUES (1)");
    byte[] before = Files.readAllBytes(file);

    data.removeUnfinished(Installation.find());

    assertThat(file).hasBinaryContent(before);
  }

  @Test
  void aFileThatEndsBeforeItsDataIsDeleted() throws Exception {
    Files.write(file, new byte[4096]);

    data.removeUnfinished(Installation.find());

    assertThat(file).doesNotExist();
  }

  @Test
  void aFileThatCannotBeReadMayHoldSchemasAndIsKept() throws Exception {
    Files.write(file, new byte[100_000]);

    data.removeUnfinished(Installation.find());

    assertThat(file).hasSize(100_000);
  }

  @Test
  void aRegistryThatAnsweredOnceKeepsItsData() throws Exception {
    Files.writeString(file, "anything");
    data.confirmComplete();

    data.removeUnfinished(Installation.find());

    assertThat(file).hasContent("anything");
  }

  private void makeDatabase(String... statements) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-cp", Installation.find().registry().resolve("lib").resolve("*").toString()));
    command.addAll(List.of("org.h2.tools.Shell", "-url", "jdbc:h2:file:" + data.database()));
    command.addAll(List.of("-user", "sa", "-password", "sa"));
    command.addAll(List.of("-sql", String.join("; ", statements)));
    Process shell = new ProcessBuilder(command).inheritIO().start();
    assertThat(shell.waitFor()).isZero();
  }
}
