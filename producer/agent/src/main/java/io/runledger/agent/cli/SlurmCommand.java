package io.runledger.agent.cli;

import io.runledger.agent.slurm.SlurmCheck;
import io.runledger.agent.slurm.SlurmWatcher;
import io.runledger.check.Finding;
import io.runledger.options.ClusterOptions;
import io.runledger.options.ConfigFile;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code runledger slurm}: verbs for SLURM's view of jobs. */
@Command(
    name = "slurm",
    mixinStandardHelpOptions = true,
    description = "Record what SLURM reports about the jobs that runs belong to.",
    subcommands = SlurmCommand.WatchCommand.class)
public final class SlurmCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  /** For picocli. */
  public SlurmCommand() {}

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "Missing subcommand. Try 'runledger slurm watch'.");
  }

  /** Whether SLURM's accounting answers; no findings without sacct. */
  public static List<Finding> check() {
    return SlurmCheck.check(Optional.ofNullable(System.getenv("PATH")).orElse(""));
  }

  /** {@code runledger slurm watch}. */
  @Command(
      name = "watch",
      mixinStandardHelpOptions = true,
      synopsisHeading = "Usage: ",
      description = {
        "Watch the SLURM jobs that runs refer to, until stopped: time limits, cancellations, lost nodes and"
            + " requeues are recorded where the job itself could not. Run one for each cluster, where squeue can be called.",
        "One squeue call asks for all jobs that have not ended; without such jobs there is no"
            + " call. With sacct, jobs that squeue has forgotten are looked up. The interval doubles,"
            + " up to 5 minutes, while SLURM is slow."
      },
      footer = {
        "",
        "SLURM can also push the ends of jobs. With --listen 127.0.0.1:9465, set in slurm.conf:",
        "  JobCompType=jobcomp/elasticsearch",
        "  JobCompLoc=http://127.0.0.1:9465/slurm/_doc",
        "The job script that SLURM sends along is not kept. GET /metrics counts the calls.",
        "",
        "Example:",
        "  runledger slurm watch"
      })
  static final class WatchCommand implements Callable<Integer> {

    private static final int LOWEST_INTERVAL = 10;
    private static final int HIGHEST_INTERVAL = 150;

    @Spec private CommandSpec spec;

    @Option(
        names = "--cluster",
        paramLabel = "NAME",
        description = "Name of the cluster. Default: the one that scontrol reports.")
    private String cluster;

    @Option(
        names = "--interval",
        paramLabel = "SECONDS",
        description = "Seconds between two calls of squeue, 10 to 150. Default: ${DEFAULT-VALUE}.",
        defaultValue = "30")
    private int intervalSeconds;

    @Option(
        names = "--poll",
        negatable = true,
        defaultValue = "true",
        fallbackValue = "true",
        description =
            "Whether to call squeue and sacct; without them, only what SLURM pushes is recorded.")
    private boolean poll;

    @Option(
        names = "--sacct",
        negatable = true,
        defaultValue = "true",
        fallbackValue = "true",
        description = "Whether to call sacct for jobs that squeue has forgotten.")
    private boolean sacct;

    @Option(
        names = "--look-back",
        paramLabel = "HOURS",
        description =
            "At the first start, how many hours back to look for runs. Default: ${DEFAULT-VALUE}.",
        defaultValue = "24")
    private int lookBackHours;

    @Option(
        names = "--listen",
        paramLabel = "HOST:PORT",
        description =
            "Address on which to receive what SLURM pushes, and to answer GET /metrics. Default: none.")
    private String listen;

    @Mixin private ClusterOptions kafka = new ClusterOptions();
    @Mixin private ConfigFile config = new ConfigFile();

    @Override
    public Integer call() throws IOException, InterruptedException {
      SlurmWatcher.Options options = options();
      SlurmWatcher watcher = SlurmWatcher.open(config.load(kafka), options);
      StopHook hook = new StopHook("watcher", watcher::stop);
      try (watcher) {
        print("Watching the SLURM jobs of cluster " + watcher.cluster() + "; stop with Ctrl-C.");
        watcher
            .port()
            .ifPresent(
                port ->
                    print(
                        "Listening on http://"
                            + host()
                            + ":"
                            + port
                            + "/slurm/_doc and /metrics."));
        watcher.run();
      } finally {
        hook.done();
      }
      return 0;
    }

    SlurmWatcher.Options options() {
      if (intervalSeconds < LOWEST_INTERVAL || intervalSeconds > HIGHEST_INTERVAL) {
        throw new ParameterException(
            spec.commandLine(),
            "--interval is %d and must be between %d and %d seconds: a shorter one burdens SLURM, and with a longer one SLURM may forget a job before it is asked."
                .formatted(intervalSeconds, LOWEST_INTERVAL, HIGHEST_INTERVAL));
      }
      return new SlurmWatcher.Options(
          Optional.ofNullable(cluster),
          Duration.ofSeconds(intervalSeconds),
          poll,
          sacct,
          Duration.ofHours(lookBackHours),
          host(),
          port());
    }

    private String host() {
      return listen == null
          ? "127.0.0.1"
          : listen.substring(0, Math.max(0, listen.lastIndexOf(':')));
    }

    private Optional<Integer> port() {
      if (listen == null) {
        return Optional.empty();
      }
      String port = listen.substring(listen.lastIndexOf(':') + 1);
      if (listen.indexOf(':') < 1 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
        throw new ParameterException(
            spec.commandLine(), "--listen is '" + listen + "' and must be HOST:PORT.");
      }
      return Optional.of(Integer.parseInt(port));
    }

    private void print(String sentence) {
      spec.commandLine().getErr().println(sentence);
      spec.commandLine().getErr().flush();
    }
  }
}
