package io.runledger.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The words between the wrapper and the shell that runs the command. */
class LauncherTest {

  private final ByteArrayOutputStream told = new ByteArrayOutputStream();

  private Launcher launcher(InputStream in) {
    return new Launcher(in, new PrintStream(told, true, StandardCharsets.UTF_8));
  }

  private Launcher launcher(String lines) {
    return launcher(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void whatTheLauncherReportsIsReadInItsOrderAndWhatIsNewerIsPassedOver() {
    Launcher launcher =
        launcher(
            "started 42\nresized 80 25\nnews x\nended many\nsignal TERM\nwithheld USR1\nended 143\n");

    assertThat(launcher.next()).contains(new LauncherLine.Started(42));
    assertThat(launcher.next()).contains(new LauncherLine.Signalled("TERM", false));
    assertThat(launcher.next()).contains(new LauncherLine.Signalled("USR1", true));
    assertThat(launcher.next()).contains(new LauncherLine.Ended(143));
    assertThat(launcher.next()).as("it is gone").isEmpty();
  }

  @Test
  void aCommandThatIsNotThereNeverRan() {
    assertThat(launcher("missing 127\n").next()).contains(new LauncherLine.Missing(127));
  }

  @Test
  void aLauncherThatCannotBeReadIsGone() throws IOException {
    InputStream closed = InputStream.nullInputStream();
    closed.close();

    assertThat(launcher(closed).next()).isEmpty();
  }

  /** A line is what the shell reads: the rest of the value would be a separate word. */
  @Test
  void aValueWithALineFeedIsNotPutIntoTheEnvironment() {
    Launcher launcher = launcher("");

    launcher.set("RUNLEDGER_RUN", "a b=c");
    launcher.set("RUNLEDGER_SPOOL", "/tmp/x\ndone");
    launcher.ready();
    launcher.done();

    assertThat(told.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("set RUNLEDGER_RUN=a b=c", "ready", "done");
  }
}
