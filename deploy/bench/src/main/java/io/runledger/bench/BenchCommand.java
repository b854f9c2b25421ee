package io.runledger.bench;

import io.runledger.bench.figures.Plot;
import io.runledger.bench.load.BenchStore;
import io.runledger.bench.load.Directories;
import io.runledger.bench.load.PostgresServer;
import io.runledger.bench.load.SqliteFiles;
import io.runledger.bench.load.Workload;
import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.options.ClusterOptions;
import io.runledger.options.ConfigFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runledger bench}: measures this machine, or a cluster. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measure Runledger on this machine; each figure is next to a plain reference from the same run.",
      "",
      "  ingest   live, from Kafka into the database, against a plain loop of inserts (of COPY)",
      "  rebuild  a new database from the topics, against the same loop without syncs",
      "  members  two services that share a database on a server, against one of them",
      "  size     bytes per point on the topics and in the database",
      "  latency  from log() to visible in SQL, against bare Kafka clients",
      "  log      log() with brokers up, absent and hanging, against a bare write(2)",
      "  query    list, best, compare and a long series, against bare SQL",
      "  web      the API at 20 requests a second, and its memory, against the Java API",
      "  gateway  8 of MLflow's clients and a search, against MLflow's own server",
      "  start    verbs and the local stack, against a bare Java",
      "  exec     the cost of exec for a job, against the bare command and a bare Java",
      "",
      "A broker and a registry are started for this and removed afterwards. With"
          + " --bootstrap-server, the topics are created on that cluster and deleted at the end; none"
          + " of them may exist before.",
      "",
      "Databases are SQLite files, or schemas on a PostgreSQL server that --db names; they are removed"
          + " at the end. web, gateway, start and exec always use SQLite.",
      "",
      "gateway needs MLflow, in any Python environment: it runs when it is named, or --mlflow is given."
    },
    footer = {
      "",
      "Examples:",
      "  runledger bench                                   everything, some minutes",
      "  runledger bench ingest rebuild --points 100000000 --runs 1000 --rounds 1",
      "  runledger bench ingest members query --db 'jdbc:postgresql://localhost/bench?user=me'",
      "  runledger bench gateway --mlflow venv/bin/mlflow",
      "  RUNLEDGER_JAVA_OPTS=-Xmx64m runledger bench log   a job with 64 MB of heap"
    })
public final class BenchCommand implements Callable<Integer> {

  /** The benches, in the order in which they run: the first four want their own topics. */
  enum Bench {
    INGEST,
    REBUILD,
    MEMBERS,
    SIZE,
    LATENCY,
    LOG,
    QUERY,
    WEB,
    GATEWAY,
    START,
    EXEC;

    Benchmark benchmark() {
      return switch (this) {
        case INGEST -> new IngestBench();
        case REBUILD -> new RebuildBench();
        case MEMBERS -> new MembersBench();
        case SIZE -> new SizeBench();
        case LATENCY -> new LatencyBench();
        case LOG -> new LogBench();
        case QUERY -> new QueryBench();
        case WEB -> new WebBench();
        case GATEWAY -> new GatewayBench();
        case START -> new StartBench();
        case EXEC -> new ExecBench();
      };
    }

    /** What is typed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(
      paramLabel = "BENCH",
      description = "Which: ${COMPLETION-CANDIDATES}. Default: all, gateway only with --mlflow.")
  private List<Bench> benches = List.of();

  @Option(
      names = "--points",
      paramLabel = "N",
      defaultValue = "5000000",
      description = "Approximate number of points in the load. Default: ${DEFAULT-VALUE}.")
  private long points;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "200",
      description = "Number of runs in the load. Default: ${DEFAULT-VALUE}.")
  private int runs;

  @Option(
      names = "--concurrent",
      paramLabel = "N",
      defaultValue = "100",
      description = "Runs in progress at a time. Default: ${DEFAULT-VALUE}.")
  private int concurrent;

  @Option(
      names = "--calls-per-record",
      paramLabel = "N",
      defaultValue = "20",
      description = "Log calls that a sender packs into a record. Default: ${DEFAULT-VALUE}.")
  private int callsPerRecord;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Number of rounds of ingest and rebuild; medians are shown. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--log-calls",
      paramLabel = "N",
      defaultValue = "200000",
      description =
          "Number of log() calls to time in each state of the brokers. Default: ${DEFAULT-VALUE}.")
  private int logCalls;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Points per second that latency logs. Default: ${DEFAULT-VALUE}.")
  private int rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "20",
      description = "Seconds for which latency and gateway log. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--query-runs",
      paramLabel = "N",
      defaultValue = "30000",
      description =
          "Number of runs in the database of query, web and gateway. Default: ${DEFAULT-VALUE}.")
  private int queryRuns;

  @Option(
      names = "--series-points",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Number of points in the long series of query and web. Default: ${DEFAULT-VALUE}.")
  private int seriesPoints;

  @Option(
      names = "--page-points",
      paramLabel = "N",
      defaultValue = "20000",
      description =
          "Number of points in each of the 50 metrics of a run that web opens. Default: ${DEFAULT-VALUE}.")
  private int pagePoints;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the load's numbers. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--verify",
      description = "Compare each database with the log, row by row; takes longer.")
  private boolean verify;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Also write the figures as JSON, with the curves of ingest and rebuild.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--plot",
      paramLabel = "FILE.svg",
      description = "Also draw the curves of ingest and rebuild: rate and memory over the history.")
  private Optional<Path> plot = Optional.empty();

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Directory for databases and topics, on a local disk. Default: the system's directory for temporary files.")
  private Optional<Path> directory = Optional.empty();

  @Option(
      names = "--db",
      paramLabel = "URL",
      description =
          "A PostgreSQL database (jdbc:postgresql://HOST:PORT/DATABASE?user=NAME) to measure instead of SQLite files.")
  private Optional<String> database = Optional.empty();

  @Option(
      names = "--mlflow",
      paramLabel = "PROGRAM",
      description = "The mlflow that gateway is measured next to. Default: that of the PATH.")
  private Optional<Path> mlflow = Optional.empty();

  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ConfigFile config = new ConfigFile();

  @Spec private CommandSpec spec;

  /** Made by picocli. */
  public BenchCommand() {}

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    PrintWriter words = spec.commandLine().getErr();
    Session.Options options = options();
    Path place =
        directory.isPresent()
            ? Files.createTempDirectory(
                Files.createDirectories(directory.get()), "runledger-bench-")
            : Files.createTempDirectory("runledger-bench-");
    Optional<Configuration> wanted =
        cluster.isGiven() ? Optional.of(config.load(cluster)) : Optional.empty();
    try (BenchStore store = store(place);
        Session session = new Session(options, place, store, wanted, words)) {
      for (Bench bench : chosen()) {
        bench.benchmark().run(session);
      }
      Report report = new Report(session);
      report.print(spec.commandLine().getOut());
      out.ifPresent(report::write);
      plot.ifPresent(file -> Plot.draw(session.curves(), file));
      return 0;
    } finally {
      Directories.delete(place);
    }
  }

  private Set<Bench> chosen() {
    if (!benches.isEmpty()) {
      return EnumSet.copyOf(benches);
    }
    return mlflow.isPresent()
        ? EnumSet.allOf(Bench.class)
        : EnumSet.complementOf(EnumSet.of(Bench.GATEWAY));
  }

  private BenchStore store(Path place) {
    if (database.isEmpty()) {
      return new SqliteFiles();
    }
    DatabaseLocation.Server.refusePassword(database.get());
    DatabaseLocation.Server server =
        DatabaseLocation.Server.of(database.get())
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "--db names a PostgreSQL database (jdbc:postgresql://HOST:PORT/DATABASE?user=NAME); files are the benches' own, see --dir."));
    return new PostgresServer(server.url(), place);
  }

  private Session.Options options() {
    for (long atLeastOne :
        new long[] {
          points,
          runs,
          concurrent,
          callsPerRecord,
          rounds,
          logCalls,
          rate,
          seconds,
          queryRuns,
          seriesPoints,
          pagePoints
        }) {
      if (atLeastOne < 1) {
        throw new ParameterException(
            spec.commandLine(), "Numbers must be at least 1, not " + atLeastOne + ".");
      }
    }
    return new Session.Options(
        new Workload(points, runs, concurrent, callsPerRecord, seed),
        rounds,
        verify,
        logCalls,
        rate,
        seconds,
        queryRuns,
        seriesPoints,
        pagePoints,
        mlflow);
  }
}
