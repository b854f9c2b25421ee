package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code deploy/audit} says of made-up distributions. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AuditTest {

  private static final Path AUDIT = Path.of("../audit").toAbsolutePath().normalize();

  @TempDir private Path dir;
  private Path distribution;

  private record Said(int code, String out) {}

  @BeforeEach
  void shipOneSoundJar() throws IOException {
    distribution = dir.resolve("runledger");
    jar("lib", "sound-1.0.jar", "org.example", "sound", "1.0");
  }

  @Test
  void aDistributionOfWhichNothingIsKnownPassesAndIsListed() throws Exception {
    Said said = audit("org.example:sound 0 1.0 CVE-1");

    assertThat(said.code()).as(said.out()).isZero();
    assertThat(said.out()).contains("org.example:sound").contains("1 jars, 0 to mend");
  }

  @Test
  void aVulnerableVersionFails() throws Exception {
    Said said = audit("org.example:sound 0.9 1.0.1 CVE-1");

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.out())
        .contains("org.example:sound 1.0 in lib is vulnerable: CVE-1; take 1.0.1 or newer");
  }

  @Test
  void aVulnerableJarThatSaysNothingIsKnownByItsName() throws Exception {
    jar("stack/registry/lib", "modified-io.netty.netty-codec-4.1.118.Final.jar", "", "", "");

    Said said = audit("io.netty:netty-codec 4.1.0 4.1.125 CVE-2");

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.out()).contains("CVE-2; take 4.1.125 or newer");
  }

  @Test
  void whatIsAcceptedInOnePlaceIsAcceptedNowhereElse() throws Exception {
    jar("stack/registry/lib", "sound-1.0.jar", "org.example", "sound", "1.0");

    Said said = audit("org.example:sound 0 - CVE-3 stack/registry it is never called");

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.out())
        .contains("sound 1.0 in lib is vulnerable: CVE-3; no release mends it")
        .contains("accepted: org.example:sound 1.0 in stack/registry/lib, CVE-3: it is never")
        .contains("1 to mend");
  }

  @Test
  void twoVersionsOfOneArtifactFailButNotWhatTheRegistryBringsAlong() throws Exception {
    jar("stack/registry/lib", "sound-0.8.jar", "org.example", "sound", "0.8");
    assertThat(audit("").code()).isZero();
    jar("stack/broker", "sound-0.9.jar", "org.example", "sound", "0.9");

    Said said = audit("");

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.out()).contains("org.example:sound is shipped in several versions: 0.9, 1.0");
  }

  @Test
  void anAdvisoryThatCannotBeReadFails() throws Exception {
    Said said = audit("org.example:sound 0 1.0");

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.out()).contains("advisories.txt:1 is not ARTIFACT SINCE FIXED NAME");
  }

  private void jar(String place, String name, String group, String artifact, String version)
      throws IOException {
    Path file = Files.createDirectories(distribution.resolve(place)).resolve(name);
    try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(file))) {
      jar.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
      if (!artifact.isEmpty()) {
        jar.putNextEntry(
            new ZipEntry("META-INF/maven/%s/%s/pom.properties".formatted(group, artifact)));
        jar.write(
            "groupId=%s\nartifactId=%s\nversion=%s\n"
                .formatted(group, artifact, version)
                .getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private Said audit(String advisory) throws Exception {
    Path known = Files.writeString(dir.resolve("advisories.txt"), advisory + "\n");
    Path out = dir.resolve("out");
    Process audit =
        new ProcessBuilder(
                AUDIT.toString(), "--advisories", known.toString(), distribution.toString())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    return new Said(audit.waitFor(), Files.readString(out));
  }
}
