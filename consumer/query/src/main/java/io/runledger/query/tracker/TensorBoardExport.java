package io.runledger.query.tracker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.Ledger;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.format.Json;
import io.runledger.query.metrics.MetricPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a directory for TensorBoard: below it one for each run, called by its id, with one event
 * file. That is replaced as a whole when the run has changed since, and {@code .runledger-export}
 * next to it says as of what state it is.
 */
final class TensorBoardExport implements TrackerExport {

  private static final String FILE = "events.out.tfevents.runledger";
  private static final String STATE = ".runledger-export";
  private static final String PART = ".part";

  /** What stands before the names of results, as metrics of one point. */
  private static final String RESULTS = "results/";

  private final Path directory;

  private TensorBoardExport(Path directory) {
    this.directory = directory;
  }

  static TensorBoardExport into(String target) throws IOException {
    try {
      Path directory = Path.of(target);
      Files.createDirectories(directory);
      return new TensorBoardExport(directory);
    } catch (InvalidPathException e) {
      throw new IOException("'%s' cannot be the name of a directory.".formatted(target), e);
    }
  }

  @Override
  public Outcome export(Ledger ledger, ExportedRun run) throws IOException {
    Path place = directory.resolve(run.run().id().toString());
    Optional<String> before = stateOf(place);
    if (before.equals(Optional.of(run.state())) && Files.exists(place.resolve(FILE))) {
      return Outcome.PRESENT;
    }
    if (before.isEmpty() && hasEvents(place)) {
      throw new IOException(
          "%s has event files that 'runledger export' did not write; choose another directory, or move them away."
              .formatted(place));
    }
    Files.createDirectories(place);
    if (before.isEmpty()) {
      // From here on the directory is ours, also if this is killed.
      write(place.resolve(STATE), "");
    }
    Path part = place.resolve(PART);
    Files.deleteIfExists(part);
    try (EventFile file = EventFile.create(part, began(run))) {
      fill(ledger, run, file);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    Files.move(
        part,
        place.resolve(FILE),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
    write(place.resolve(STATE), run.state() + "\n");
    return before.isPresent() ? Outcome.UPDATED : Outcome.ADDED;
  }

  private static Optional<String> stateOf(Path place) throws IOException {
    try {
      return Optional.of(Files.readString(place.resolve(STATE)).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static boolean hasEvents(Path place) throws IOException {
    if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(place, "*tfevents*")) {
      return files.iterator().hasNext();
    }
  }

  private static void write(Path file, String text) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + PART);
    Files.writeString(part, text, StandardCharsets.US_ASCII);
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static double began(ExportedRun run) {
    return run.document().path("created").asDouble(0);
  }

  private static void fill(Ledger ledger, ExportedRun run, EventFile file) throws IOException {
    double began = began(run);
    double end = run.document().path("finished").asDouble(began);
    file.session(began, hyperparameters(run.document()));
    points(ledger, run, file);
    for (Map.Entry<String, JsonNode> result : run.document().get("results").properties()) {
      if (result.getValue().isNumber()) {
        file.scalar(end, 0, RESULTS + result.getKey(), result.getValue().doubleValue());
      }
    }
    texts(run, file, began, end);
    if (run.run().status().isEnd()) {
      boolean isSuccess = run.document().path("status").asText().equals("completed");
      file.sessionEnd(end, isSuccess ? EventFile.SUCCESS : EventFile.FAILURE);
    }
  }

  /** The configuration, and the parts of the key, unless the configuration says the same name. */
  private static ObjectNode hyperparameters(ObjectNode document) {
    ObjectNode all = Json.object();
    all.setAll((ObjectNode) document.get("key"));
    all.setAll((ObjectNode) document.get("params"));
    return all;
  }

  private static void points(Ledger ledger, ExportedRun run, EventFile file) {
    Ordinals ordinals = new Ordinals();
    try {
      ledger.forEachPoint(
          run.run().id(),
          run.metrics(),
          point -> {
            try {
              file.scalar(
                  seconds(point.at()), ordinals.stepOf(point), point.metric(), point.value());
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (RunNotFoundException | MetricNotFoundException deletedMeanwhile) {
      // As if it had been deleted a moment later.
    }
  }

  /** The number of each point in its metric, for those that have no step. */
  static final class Ordinals {
    private String metric = "";
    private long next;

    /** Of points that come metric by metric. */
    long stepOf(MetricPoint point) {
      if (!point.metric().equals(metric)) {
        metric = point.metric();
        next = 0;
      }
      long number = next++;
      return point.step().orElse(number);
    }
  }

  private static void texts(ExportedRun run, EventFile file, double began, double end)
      throws IOException {
    ObjectNode said = run.document();
    StringBuilder about = new StringBuilder();
    for (String field :
        List.of(
            "run_id",
            "project",
            "name",
            "status",
            "status_reason",
            "exit_code",
            "host",
            "user",
            "command",
            "git_commit")) {
      if (said.hasNonNull(field)) {
        about
            .append("    ")
            .append(field)
            .append(": ")
            .append(said.get(field).asText())
            .append('\n');
      }
    }
    file.text(began, "runledger/run", about.toString());
    if (!run.run().tags().isEmpty()) {
      file.text(began, "runledger/tags", String.join(", ", run.run().tags()));
    }
    if (run.run().notes().isPresent()) {
      file.text(began, "runledger/notes", run.run().notes().get());
    }
    if (!said.get("results").isEmpty()) {
      file.text(end, "runledger/results", Json.line(said.get("results")));
    }
    if (!run.errorText().isEmpty()) {
      file.text(end, "runledger/errors", indented(run.errorText()));
    }
  }

  /** As it is, and not as Markdown. */
  private static String indented(String text) {
    List<String> lines = new ArrayList<>();
    text.lines().forEach(line -> lines.add("    " + line));
    return String.join("\n", lines);
  }

  private static double seconds(Instant at) {
    return at.getEpochSecond() + at.getNano() / 1e9;
  }

  @Override
  public List<String> remarks() {
    return List.of();
  }

  @Override
  public void close() {}
}
