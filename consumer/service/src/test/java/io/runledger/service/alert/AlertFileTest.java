package io.runledger.service.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.InvalidConfigurationException;
import io.runledger.fold.alert.AlertRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of rules as a whole, and the secrets that it names. */
class AlertFileTest {

  private static final String RULE = "alert failed: status becomes failed\n";

  @TempDir private Path directory;

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("alerts.rules"), content);
  }

  private Path key(String content, String permissions) throws IOException {
    Path key = Files.writeString(directory.resolve("hook.key"), content);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(permissions));
    return key;
  }

  private void isRefused(String content, String sentence) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> AlertFile.read(file))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageStartingWith(file + ":2")
        .hasMessageContaining(sentence)
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void rulesAndDeliveriesAreReadAndSecretsAreNotShown() throws IOException {
    key("0123456789abcdef-s3cret\n", "rw-------");

    AlertFile read =
        AlertFile.read(
            file(
                """
                # of the lab

                alert failed: status becomes failed
                alert high: metric loss > 5
                deliver to https://hooks.example/s3cret/path?token=s3cret signed with hook.key
                deliver chat to http://127.0.0.1:8080/
                deliver by command /bin/echo "two words"
                """));

    assertThat(read.rules()).extracting(AlertRule::name).containsExactly("failed", "high");
    assertThat(read.targets())
        .extracting(target -> target.name() + ": " + target.words())
        .containsExactly(
            "webhook: https://hooks.example/..., signed",
            "chat: http://127.0.0.1:8080/..., not signed",
            "command: the program /bin/echo");
    assertThat(read.toString()).doesNotContain("s3cret");
  }

  @Test
  void aFileWithoutARuleIsAMistake() throws IOException {
    Path file = file("# nothing yet\n");

    assertThatThrownBy(() -> AlertFile.read(file)).hasMessageContaining("has no rule");
    assertThatThrownBy(() -> AlertFile.read(directory.resolve("absent")))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("There is no file of rules");
  }

  @Test
  void aFileThatEverybodyCanWriteIsRefused() throws IOException {
    Path file = file(RULE);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

    assertThatThrownBy(() -> AlertFile.read(file)).hasMessageContaining("chmod o-w");
  }

  @Test
  void namesAreUnique() throws IOException {
    isRefused(RULE + "alert failed: no value for 1h", "already");
    isRefused("deliver to https://a.example/\ndeliver to https://b.example/", "already");
  }

  @Test
  void aLineThatIsNeitherIsAMistake() throws IOException {
    isRefused(RULE + "  notify me", "A line begins with");
  }

  @Test
  void aUrlIsOfHttpAndHasNoPassword() throws IOException {
    isRefused(RULE + "deliver to ftp://example/s3cret", "not a URL of the form");
    isRefused(RULE + "deliver to https://u:s3cret@example/", "not a URL of the form");
    isRefused(RULE + "deliver to https://exa{mple/s3cret", "not a URL");
    isRefused(RULE + "deliver to", "Expected a URL");
    isRefused(RULE + "deliver to https://h.example/a s3cret", "Expected 'signed with FILE'");
  }

  @Test
  void aKeyIsItsOwnersAlone() throws IOException {
    key("0123456789abcdef-s3cret", "rw-r-----");
    isRefused(RULE + "deliver to https://h.example/ signed with hook.key", "chmod 600");

    key("s3cret", "rw-------");
    isRefused(RULE + "deliver to https://h.example/ signed with hook.key", "openssl rand");
    isRefused(RULE + "deliver to https://h.example/ signed with absent", "cannot be read");
  }

  @Test
  void aProgramMustBeThere() throws IOException {
    isRefused(RULE + "deliver by command notify", "There is no program");
    isRefused(RULE + "deliver by mail", "Expected 'to URL'");
  }
}
