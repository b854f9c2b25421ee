package io.runledger.imports.lines;

import java.io.IOException;

/** Receives lines of imported runs, each with its writer. Not thread-safe. */
public interface LineSink {

  /**
   * Takes a line.
   *
   * @param writer the id of its writer; the same writer may serve several runs
   * @param run which run and attempt it belongs to
   * @param body the members of the JSON object, without braces and without what names the run
   */
  void append(long writer, SourceRun run, String body) throws IOException;

  /** Nothing follows from this writer for the run of its last line. */
  void finished(long writer) throws IOException;

  /** Nothing follows from any writer for the run that was read last. */
  void runEnded() throws IOException;

  /** A sink of a dry run: the lines are made, and leave no trace. */
  static LineSink ofNothing() {
    return new LineSink() {
      @Override
      public void append(long writer, SourceRun run, String body) {}

      @Override
      public void finished(long writer) {}

      @Override
      public void runEnded() {}
    };
  }
}
