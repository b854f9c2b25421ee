package io.runledger.bench;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Numbers;
import io.runledger.bench.load.BenchException;
import io.runledger.bench.load.Directories;
import io.runledger.bench.load.FoldedLoad;
import io.runledger.bench.load.Workload;
import io.runledger.fold.projection.Projection;
import io.runledger.sqlite.SqliteProjection;
import io.runledger.stack.LocalStack;
import io.runledger.stack.StackOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How long a user waits for a verb, and for the local stack. */
final class StartBench implements Benchmark {

  private static final String WORD = "start";
  private static final int TIMES = 10;

  /** More than list shows. */
  private static final int RUNS = 100;

  /** Set by the launcher. */
  private static final String HOME = "runledger.home";

  @Override
  public void run(Session session) throws IOException, InterruptedException {
    Path launcher = launcher();
    Path directory = Directories.make(session.directory().resolve(WORD));
    Path database = directory.resolve("runledger.db");
    try (Projection projection = SqliteProjection.open(database)) {
      FoldedLoad load = new FoldedLoad(projection);
      load.runs(new Workload(RUNS * 100L, RUNS, RUNS, 10, session.options().workload().seed()));
      load.flush();
    }
    session.progress("start: verbs, %d times each", TIMES);
    double bare = time(bareJava());
    for (List<String> verb :
        List.of(
            List.of("list", "--db", database.toString()),
            List.of("best", "val/loss", "--db", database.toString()),
            List.of("sql", "--db", database.toString(), "SELECT 1"),
            List.of("version"))) {
      List<String> command = Stream.concat(Stream.of(launcher.toString()), verb.stream()).toList();
      session.add(
          Figure.of(WORD, "runledger " + verb.get(0), time(command), "ms")
              .beside("java -version", bare)
              .within(Figure.Budget.atMost(300)));
    }
    session.progress("start: the local stack");
    long begun = System.nanoTime();
    LocalStack stack = LocalStack.start(directory.resolve("stack"), StackOptions.freePorts());
    double seconds = (System.nanoTime() - begun) / 1e9;
    stack.close();
    session.add(Figure.of(WORD, "local stack ready", seconds, "s").within(Figure.Budget.atMost(8)));
  }

  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  static List<String> bareJava() {
    return List.of(java().toString(), "-Xshare:auto", "-version");
  }

  static Path launcher() {
    Optional<Path> launcher =
        Optional.ofNullable(System.getProperty(HOME))
            .map(home -> Path.of(home, "bin", "runledger"))
            .filter(Files::isExecutable);
    return launcher.orElseThrow(
        () ->
            new BenchException(
                "start and exec measure bin/runledger, which did not start this bench; start it with bin/runledger."));
  }

  /** Milliseconds from start to end, the median. */
  static double time(List<String> command) throws IOException, InterruptedException {
    double[] nanos = new double[TIMES];
    for (int i = 0; i < TIMES; i++) {
      long begun = System.nanoTime();
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      int code = process.waitFor();
      nanos[i] = System.nanoTime() - begun;
      if (code != 0) {
        throw new BenchException("%s ended with exit code %d.".formatted(command, code));
      }
    }
    return Numbers.median(nanos) / 1e6;
  }
}
