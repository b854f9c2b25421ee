package io.runledger.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import io.runledger.options.Failures;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What an operator records about a run without a database to look it up in. */
@Timeout(60)
class OperatorVerbTest {

  private static final RunId RUN = RunId.of(RunKey.of("7", "mnist", "cnn", "s01", null, 3L));

  @TempDir private Path dir;

  private record Said(int code, String out) {}

  private Said run(Object verb, String... arguments) throws IOException {
    return run("spool=%s\ndb=%s\n".formatted(spool(), dir.resolve("none.db")), verb, arguments);
  }

  private Path spool() {
    return dir.resolve("spool");
  }

  private Said run(String places, Object verb, String... arguments) throws IOException {
    Path settings = dir.resolve("settings.properties");
    Files.writeString(settings, places + "sender.enabled=false\nclose.timeout.ms=0\n");
    StringWriter out = new StringWriter();
    CommandLine line =
        new CommandLine(verb)
            .setExecutionExceptionHandler(new Failures(false))
            .setOut(new PrintWriter(out));
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(0, List.of("--config", settings.toString()));
    return new Said(line.execute(all.toArray(String[]::new)), out.toString());
  }

  private List<Path> writers() throws IOException {
    if (!Files.exists(dir.resolve("spool"))) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(dir.resolve("spool"))) {
      return all.filter(Files::isDirectory).toList();
    }
  }

  @Test
  void aRunIsNamedByItsWholeIdOrItsKeyWhereThereIsNoDatabase() throws IOException {
    Said deleted = run(new DeleteCommand(), RUN.toString(), "--reason", "typo");
    Said restored = run(new RestoreCommand(), "7/mnist/cnn/s01/-/3");

    assertThat(deleted.code()).isEqualTo(ExitCodes.OK);
    assertThat(deleted.out()).contains("Run " + RUN + " is hidden");
    assertThat(restored.out()).contains("Run " + RUN + " is shown again");
    assertThat(writers()).hasSize(2);
  }

  @Test
  void theAnswerIsOneJsonObjectIfThatIsAskedFor() throws IOException {
    Said tagged = run(new TagCommand(), "--json", RUN.toString(), "paper", "best");

    assertThat(tagged.out().strip())
        .isEqualTo(
            "{\"id\":\"%s\",\"run_id\":\"%d\",\"verb\":\"tag\"}".formatted(RUN, RUN.value()));
  }

  @Test
  void whatNamesNoRunForCertainIsNotGuessed() throws IOException {
    assertThat(run(new DeleteCommand(), "baseline").code()).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(run(new NoteCommand(), RUN.toString().substring(0, 5), "n").code())
        .isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(run(new TagCommand(), RUN.toString()).code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run(new UntagCommand(), RUN.toString(), " ").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(writers()).as("nothing is said of any run").isEmpty();
  }

  @Test
  void oneVerbSpeaksOfSeveralRuns() throws IOException {
    String other = "8/mnist/cnn/s01/-/4";

    Said tagged = run(new TagCommand(), "--add", "paper", "--add", "best", RUN.toString(), other);
    Said noted = run(new NoteCommand(), "--text", "", RUN.toString(), other, RUN.toString());

    assertThat(tagged.code()).isEqualTo(ExitCodes.OK);
    assertThat(tagged.out().lines()).hasSize(2).allMatch(line -> line.endsWith("paper, best."));
    assertThat(noted.out().lines()).hasSize(2).allMatch(line -> line.endsWith("no notes now."));
    assertThat(writers()).hasSize(4);
  }

  @Test
  void whatIsSaidOfARunOfADeskIsInItsOwnSpool() throws IOException {
    Path ofDesk = dir.resolve("desk.db.spool");
    FollowedSpool.follow(ofDesk);

    Said tagged =
        run(
            "data.dir=%s\n".formatted(dir.resolve("data")),
            new TagCommand(),
            "--db",
            dir.resolve("desk.db").toString(),
            RUN.toString(),
            "paper");

    assertThat(tagged.code()).isEqualTo(ExitCodes.OK);
    assertThat(SpoolDirectory.writers(ofDesk)).hasSize(1);
    assertThat(dir.resolve("data/spool")).doesNotExist();
  }

  @Test
  void aRunIsGivenAnotherName() throws IOException {
    Said renamed = run(new RenameCommand(), RUN.toString(), "the baseline");

    assertThat(renamed.out()).isEqualToIgnoringNewLines("Run " + RUN + " is named 'the baseline'.");
    assertThat(run(new RenameCommand(), RUN.toString(), " ").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run(new RenameCommand(), RUN.toString()).code()).isEqualTo(ExitCodes.USAGE);
    assertThat(writers()).hasSize(1);
  }

  @Test
  void whatCannotBeMeantIsAMistakeOnTheCommandLine() throws IOException {
    String run = RUN.toString();

    assertThat(run(new DeleteCommand()).code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run(new DeleteCommand(), run, "--tag", "a").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run(new TagCommand(), "--tag", "a", "b").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run(new TagCommand(), "--add", "a").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run(new UntagCommand(), "--remove", " ", run).code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run(new NoteCommand(), run).code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run(new NoteCommand(), run, "text", "more").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run(new NoteCommand(), "--status", "failed", "n").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run(new DeleteCommand(), "--status", "failed", "--yes").code())
        .as("there is no database to choose from")
        .isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(writers()).isEmpty();
  }
}
