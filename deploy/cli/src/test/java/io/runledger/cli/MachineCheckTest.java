package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.check.Finding;
import io.runledger.check.Finding.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineCheckTest {

  @TempDir private Path directory;

  @Test
  void anOldJavaIsAFailure() {
    assertThat(MachineCheck.java(Runtime.Version.parse("11.0.2"), "/opt/java").get(0).sentence())
        .isEqualTo("Java 11.0.2 in /opt/java. Install Java 17 or newer, or set JAVA_HOME to one.");
    assertThat(MachineCheck.java(Runtime.version(), "/opt/java"))
        .extracting(Finding::severity)
        .containsExactly(Severity.OK);
  }

  @Test
  void aDirectoryThatIsNotThereYetCanBeMadeAndIsNot() {
    Path deep = directory.resolve("a/b");

    List<Finding> findings = MachineCheck.directory("spool", deep, "spool");

    assertThat(findings).hasSize(1);
    assertThat(findings.get(0).severity()).isNotEqualTo(Severity.FAILED);
    assertThat(findings.get(0).what()).contains("can be created", "MiB free");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aFileInTheWayIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");

    Finding finding = MachineCheck.directory("spool", file.resolve("spool"), "spool").get(0);

    assertThat(finding.severity()).isEqualTo(Severity.FAILED);
    assertThat(finding.what()).contains(file + " is a file");
  }

  @Test
  void aDirectoryThatNothingCanBeWrittenToIsAFailure() {
    // Not even root makes files there.
    Finding finding = MachineCheck.directory("spool", Path.of("/proc/self"), "spool").get(0);

    assertThat(finding.severity()).isEqualTo(Severity.FAILED);
    assertThat(finding.sentence()).contains("/proc/self is not writable", "with spool");
  }

  @Test
  void aDiskThatIsNearlyFullIsAWarning() {
    assertThat(MachineCheck.room("spool", directory, true, "ext4", 500L << 20).sentence())
        .isEqualTo(
            "%s is writable (ext4, 500 MiB free). Free some space before it fills up."
                .formatted(directory));
    assertThat(MachineCheck.room("spool", directory, true, "ext4", 5L << 30).severity())
        .isEqualTo(Severity.OK);
  }
}
