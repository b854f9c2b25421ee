package io.runledger.web.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import io.runledger.web.security.Role;
import io.runledger.web.security.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {

  @TempDir private Path directory;

  private VerbRun token(String... words) {
    String[] all = new String[words.length + 3];
    all[0] = "token";
    System.arraycopy(words, 0, all, 1, words.length);
    all[words.length + 1] = "--db";
    all[words.length + 2] = database().toString();
    return VerbRun.of(all);
  }

  private Path database() {
    return directory.resolve("runs.db");
  }

  @Test
  void aTokenIsPrintedAloneOnceAndNeverAgain() throws IOException {
    VerbRun created = token("create", "ada", "--role", "editor");

    assertThat(created.code()).isEqualTo(ExitCodes.OK);
    assertThat(created.lines()).hasSize(1);
    String token = created.lines().get(0);
    assertThat(token).matches("rl_[A-Za-z0-9_-]{43}");
    assertThat(created.err()).contains("not shown again").doesNotContain(token);
    assertThat(Tokens.of(database()).role(token)).contains(Role.EDITOR);
    assertThat(token("list").out()).contains("editor", "ada").doesNotContain(token);
  }

  @Test
  void onlyTheHashOfATokenIsKeptInAFileOfItsOwner() throws IOException {
    String token = token("create", "ada").lines().get(0);
    Path file = directory.resolve("runs.db.tokens");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).contains("sha256").doesNotContain(token.substring(3));
  }

  @Test
  void aRevokedTokenIsNotListedAndOthersStay() throws IOException {
    String ada = token("create", "ada").lines().get(0);
    String bob = token("create", "bob").lines().get(0);
    String id = token("list").lines().get(0).split(" ", 2)[0];

    VerbRun revoked = token("revoke", id);

    assertThat(revoked.out()).isEqualTo("The token %s is revoked.%n".formatted(id));
    assertThat(token("list").lines()).hasSize(1).first().asString().endsWith("bob");
    assertThat(Tokens.of(database()).role(ada)).isEmpty();
    assertThat(Tokens.of(database()).role(bob)).contains(Role.READER);
  }

  @Test
  void aHostileNameIsListedOnOneLine() {
    token("create", "a\nb\u001b[31m");

    assertThat(token("list").lines()).hasSize(1);
    assertThat(token("list").out()).doesNotContain("\u001b");
  }

  @Test
  void whatIsMistypedIsNamed() {
    assertThat(token("create", "ada", "--role", "admin").err())
        .contains("--role is reader or editor, not 'admin'.");
    VerbRun unknown = token("revoke", "zz");
    assertThat(unknown.code()).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(unknown.err()).contains("There is no token 'zz'");
    assertThat(VerbRun.of("token").err()).contains("create, list or revoke");
    assertThat(token("list").out()).isEmpty();
  }
}
