package io.runledger.agent.cli;

import io.runledger.client.OperatedRun;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code runledger note}: sets the notes of a run. */
@Command(
    name = "note",
    mixinStandardHelpOptions = true,
    description =
        "Sets the notes of a run, named as for 'runledger show'; they replace the old ones.",
    footer = {
      "",
      "Exit code: 0 stored, 1 failed, 2 usage, 3 no such run.",
      "",
      "Example:",
      "  runledger note 0k3f 'diverged after the learning rate was raised'"
    })
public final class NoteCommand extends OperatorVerb {

  @Parameters(index = "0", paramLabel = "RUN", description = "The run.")
  private String run = "";

  @Parameters(index = "1", paramLabel = "TEXT", description = "The notes; '' clears them.")
  private String notes = "";

  /** For picocli. */
  public NoteCommand() {}

  @Override
  List<String> typed() {
    return List.of(run);
  }

  @Override
  void say(OperatedRun operated) throws IOException {
    operated.annotate(Optional.of(notes), List.of(), List.of());
  }

  @Override
  String said() {
    return notes.isEmpty() ? "has no notes now" : "has new notes";
  }
}
