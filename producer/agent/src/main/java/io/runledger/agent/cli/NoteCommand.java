package io.runledger.agent.cli;

import io.runledger.client.OperatedRun;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger note}: sets the notes of runs. */
@Command(
    name = "note",
    mixinStandardHelpOptions = true,
    description = {
      "Set the notes of runs, specified as for 'runledger show' or selected by the filter of 'runledger list'; they replace the old ones.",
      "Runs selected by a filter are listed first, and changed only with --yes."
    },
    footer = {
      "",
      "Exit code: 0 stored, 1 failed, 2 usage or no --yes, 3 no such run.",
      "",
      "Examples:",
      "  runledger note 0k3f 'diverged after the learning rate was raised'",
      "  runledger note --text 'bad node' 0k3f 0k4g"
    })
public final class NoteCommand extends ManyRunsVerb {

  @Parameters(
      paramLabel = "RUN TEXT",
      description = "A run and its notes, '' to clear them; or only runs, with --text.")
  private List<String> words = List.of();

  @Option(names = "--text", paramLabel = "TEXT", description = "The notes; '' clears them.")
  private Optional<String> text = Optional.empty();

  /** For picocli. */
  public NoteCommand() {}

  @Override
  void check() {
    if (text.isEmpty() && isFiltered()) {
      throw usage("With a filter, pass the notes with --text.");
    }
    if (text.isEmpty() && words.size() != 2) {
      throw usage("Specify a run and its notes (RUN TEXT), or --text TEXT and any number of runs.");
    }
    super.check();
  }

  @Override
  List<String> typed() {
    return text.isEmpty() && !words.isEmpty() ? words.subList(0, 1) : words;
  }

  private String notes() {
    return text.orElseGet(() -> words.get(1));
  }

  @Override
  void append(OperatedRun run) throws IOException {
    run.annotate(Optional.of(notes()), List.of(), List.of());
  }

  @Override
  String outcome() {
    return notes().isEmpty() ? "has no notes now" : "has new notes";
  }

  @Override
  String would() {
    return notes().isEmpty() ? "left without notes" : "given new notes";
  }
}
