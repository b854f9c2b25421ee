package io.runledger.spool.values;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whether a checkout has changes, as git says it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class GitChangesTest {

  private static final long LATER = TimeUnit.SECONDS.toNanos(10);

  @TempDir private Path directory;

  private final AtomicLong nanos = new AtomicLong();
  private Path checkout;

  @BeforeEach
  void aCheckoutHasOneFile() throws Exception {
    checkout = Files.createDirectory(directory.resolve("checkout"));
    Files.writeString(checkout.resolve("train.py"), "print(1)\n");
    git("init", "-q");
    git("add", ".");
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first");
  }

  @Test
  void trackedFilesThatDifferFromTheCommitAreChanges() throws Exception {
    GitChanges changes = new GitChanges("git", checkout, nanos::get);
    Files.writeString(checkout.resolve("output.txt"), "not tracked");

    assertThat(changes.any()).contains(false);

    Files.writeString(checkout.resolve("train.py"), "print(22)\n");
    assertThat(changes.any()).as("of a moment ago").contains(false);

    nanos.addAndGet(LATER);
    assertThat(changes.any()).contains(true);

    git("add", ".");
    nanos.addAndGet(LATER);
    assertThat(changes.any()).contains(true);
  }

  @Test
  void outsideOfACheckoutNoProcessIsStarted() throws Exception {
    String program = script("");

    assertThat(new GitChanges(program, Path.of("/"), nanos::get).any()).isEmpty();

    assertThat(Path.of(program + ".asked")).doesNotExist();
  }

  @Test
  void aGitThatDoesNotAnswerIsAskedOnce() throws Exception {
    String program = script("exec sleep 600");
    GitChanges changes = new GitChanges(program, checkout, nanos::get);

    for (int i = 0; i < 3; i++) {
      assertThat(changes.any()).isEmpty();
      nanos.addAndGet(LATER);
    }

    Path asked = Path.of(program + ".asked");
    assertThat(Files.exists(asked) ? Files.readAllLines(asked) : List.of()).hasSizeLessThan(2);
  }

  @Test
  void aGitThatPrintsMoreThanIsReadHasFoundChanges() throws Exception {
    String program = script("echo '## main'; while :; do echo ' M train.py'; done");

    assertThat(new GitChanges(program, checkout, nanos::get).any()).contains(true);
  }

  @Test
  void withoutGitNothingIsKnown() {
    assertThat(new GitChanges("/no/such/program", checkout, nanos::get).any()).isEmpty();
  }

  private String script(String text) throws IOException {
    Path script = directory.resolve("a-git");
    Files.writeString(script, "#!/bin/sh\necho asked >> $0.asked\n" + text + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script.toString();
  }

  private void git(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("git", "-C", checkout.toString()));
    command.addAll(List.of(words));
    ProcessBuilder git = new ProcessBuilder(command).inheritIO();
    git.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    git.environment().put("GIT_CONFIG_NOSYSTEM", "1");
    assertThat(git.start().waitFor()).isZero();
  }
}
