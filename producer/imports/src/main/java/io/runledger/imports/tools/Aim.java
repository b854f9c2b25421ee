package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.imports.files.Cut;
import io.runledger.imports.files.Documents;
import io.runledger.imports.files.PlainNumbers;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Point;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.RunWriter.MetricLog;
import io.runledger.imports.lines.SourceRun;
import io.runledger.schemas.RunStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Repositories of Aim, whose files only Aim can read: a script that uses it prints runs and values,
 * and the ids and lines are made of these here.
 */
final class Aim implements Importer {

  static final String WORD = "aim";

  private static final String SCRIPT = "import_aim.py";
  private static final String REPOSITORY = ".aim";
  private static final String REMEDY =
      "It needs a Python with the package aim that wrote the repository; name it by --python.";

  @Override
  public Optional<String> evidence(Path path) {
    boolean isOne =
        Files.isDirectory(path.resolve(REPOSITORY).resolve("meta"))
            || (path.endsWith(REPOSITORY) && Files.isDirectory(path.resolve("meta")));
    return isOne ? Optional.of(REPOSITORY) : Optional.empty();
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    Path real = path.toRealPath();
    Path repository = real.endsWith(REPOSITORY) ? real.getParent() : real;
    Path script = Files.createTempFile("runledger-", "-" + SCRIPT);
    try (InputStream source = Aim.class.getResourceAsStream(SCRIPT)) {
      if (source == null) {
        throw new IOException("This installation lacks " + SCRIPT + "; reinstall it.");
      }
      Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
      Reader reader = new Reader(repository, into);
      PythonProcess.run(
          into.python(),
          List.of(script.toString(), repository.toString()),
          reader::take,
          repository + " cannot be imported",
          REMEDY);
    } finally {
      Files.delete(script);
    }
  }

  /** Takes what the script prints: a run, the points of its metrics, its end. */
  private static final class Reader {
    private final Path repository;
    private final Import into;
    private long number;
    private Optional<RunWriter> writer = Optional.empty();
    private Optional<MetricLog> log = Optional.empty();
    private String metric = "";
    private Instant began = Instant.EPOCH;

    Reader(Path repository, Import into) {
      this.repository = repository;
      this.into = into;
    }

    void take(String line) throws IOException {
      number++;
      Optional<ObjectNode> object = Documents.jsonObject(line);
      if (object.isEmpty()) {
        into.losses().add(repository, "line " + number + " of " + SCRIPT, "it is not JSON");
        return;
      }
      JsonNode said = object.get();
      into.read(line.length());
      if (said.has("run")) {
        begin(said);
      } else if (said.has("lost")) {
        into.losses()
            .add(repository, said.path("lost").asText(), Cut.shown(said.path("why").asText()));
      } else if (writer.isPresent() && said.has("metric")) {
        points(said, writer.get());
      } else if (writer.isPresent() && said.has("end")) {
        end(said, writer.get());
      }
    }

    private void begin(JsonNode said) throws IOException {
      Optional<Instant> created = PlainNumbers.instant(said.path("created").asDouble(-1));
      began = created.orElse(Instant.EPOCH);
      String hash = said.path("run").asText();
      String project = into.project(said.path("experiment").asText("default"));
      RunWriter begun = into.begin(SourceRun.named(WORD, project, hash, hash, created));
      ObjectNode more = JsonNodeFactory.instance.objectNode();
      more.set("tags", said.path("tags"));
      if (!said.path("description").asText("").isEmpty()) {
        more.put("notes", said.path("description").asText());
      }
      begun.start(began, more);
      if (!said.path("name").asText("").isBlank()) {
        begun.displayName(began, said.path("name").asText());
      }
      if (said.path("config") instanceof ObjectNode config) {
        begun.configByKey(began, config);
      }
      writer = Optional.of(begun);
    }

    /** Some points of a metric in a context; all of them come one after the other. */
    private void points(JsonNode said, RunWriter to) throws IOException {
      String name = said.path("metric").asText();
      if (log.isEmpty() || !name.equals(metric)) {
        closeLog();
        metric = name;
        log = Optional.of(to.metrics(name));
      }
      for (JsonNode point : said.path("points")) {
        OptionalLong step = PlainNumbers.whole(point.path(0).asText());
        OptionalDouble epoch = PlainNumbers.number(point.path(1).asText());
        Instant at = PlainNumbers.instant(point.path(2).asDouble(-1)).orElse(began);
        OptionalDouble value = PlainNumbers.number(point.path(3).asText());
        if (value.isPresent()) {
          log.get().append(Point.of(at, step).inEpoch(epoch), name, value.getAsDouble());
        }
      }
    }

    private void closeLog() throws IOException {
      if (log.isPresent()) {
        log.get().close();
        log = Optional.empty();
      }
    }

    private void end(JsonNode said, RunWriter to) throws IOException {
      Optional<Instant> ended = PlainNumbers.instant(said.path("end").asDouble(-1));
      // Aim says when a run was closed, whether it had failed or not.
      if (ended.isPresent()) {
        to.status(
            ended.get(),
            RunStatus.COMPLETED,
            OptionalInt.empty(),
            Optional.of("Aim says when it was closed, and not how it ended"));
      }
      closeLog();
      into.end(to);
      writer = Optional.empty();
    }
  }
}
