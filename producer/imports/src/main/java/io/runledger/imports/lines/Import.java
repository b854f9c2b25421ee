package io.runledger.imports.lines;

import io.runledger.schemas.RunStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * What an importer works with: where the lines go, where losses are noted, what was asked for. Not
 * thread-safe.
 */
public final class Import {

  private final LineSink sink;
  private final Losses losses;
  private final Request request;
  private final Consumer<RunWriter> eachRun;
  private final LongConsumer progress;
  private long runs;
  private long lines;
  private long values;
  private long added;

  /**
   * What was asked for.
   *
   * @param project the project of runs without a run key, in place of the one that follows from the
   *     source
   * @param columns what the columns of a table mean
   * @param unknown the status of runs whose tracker stores none, if one was given
   * @param python the Python that has the packages of a tracker that only they can read
   * @param spool where the lines go; empty for a dry run
   */
  public record Request(
      Optional<String> project,
      ColumnMap columns,
      Optional<RunStatus> unknown,
      String python,
      Optional<Path> spool) {}

  /**
   * Prepares an import.
   *
   * @param eachRun receives each run when all of it was read
   * @param progress receives how many bytes were read since the last call
   */
  public Import(
      LineSink sink,
      Losses losses,
      Request request,
      Consumer<RunWriter> eachRun,
      LongConsumer progress) {
    this.sink = sink;
    this.losses = losses;
    this.request = request;
    this.eachRun = eachRun;
    this.progress = progress;
  }

  /** Where it is noted what cannot be imported. */
  public Losses losses() {
    return losses;
  }

  /** The project to use, where the source suggests one. */
  public String project(String suggested) {
    return request.project().orElse(suggested);
  }

  /** What the columns of a table mean. */
  public ColumnMap columns() {
    return request.columns();
  }

  /** The Python that has the packages of a tracker that only they can read. */
  public String python() {
    return request.python();
  }

  /** Where the lines go; empty for a dry run. */
  public Optional<Path> spool() {
    return request.spool();
  }

  /** Some of a source was read. */
  public void read(long bytes) {
    progress.accept(bytes);
  }

  /** Begins to write an attempt. */
  public RunWriter begin(SourceRun run) {
    return new RunWriter(run, sink);
  }

  /** All of an attempt was written. */
  public void end(RunWriter writer) throws IOException {
    if (writer.status().isEmpty() && request.unknown().isPresent()) {
      writer.status(
          writer.last(),
          request.unknown().get(),
          OptionalInt.empty(),
          Optional.of("as given to the import"));
    }
    sink.runEnded();
    runs++;
    lines += writer.lines();
    values += writer.values();
    eachRun.accept(writer);
  }

  /** Another process has written runs into the spool. */
  public void add(long moreRuns, long moreLines, long moreValues) {
    added += moreLines;
    runs += moreRuns;
    lines += moreLines;
    values += moreValues;
  }

  /** Lines that another process has written. */
  public long added() {
    return added;
  }

  /** Attempts that were read to their end. */
  public long runs() {
    return runs;
  }

  /** Lines of these. */
  public long lines() {
    return lines;
  }

  /** Values of metrics of these. */
  public long values() {
    return values;
  }
}
