package io.runledger.agent.cli;

import io.runledger.client.sender.RunningSender;
import io.runledger.client.upload.Destination;
import io.runledger.config.Configuration;
import io.runledger.config.Counted;
import io.runledger.config.Setting;
import io.runledger.options.ClusterOptions;
import io.runledger.options.ConfigFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runledger relay}: sends spools as they grow, until it is stopped. */
@Command(
    name = "relay",
    mixinStandardHelpOptions = true,
    description = {
      "Send events from spool directories as jobs append them, until stopped. For a login node:"
          + " the nodes that run the jobs need no network, only the directory.",
      "Several relays, and jobs that send their own events, may serve one directory; each event"
          + " counts once."
    },
    footer = {
      "",
      "A segment is removed when the broker has all of it and its writer is gone.",
      "",
      "Example:",
      "  runledger relay /shared/alice/spool /shared/bob/spool"
    })
public final class RelayCommand implements Callable<Integer> {

  private static final long TELL_SECONDS = 60;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "DIR",
      description = "Spool directories. Default: the configured one.")
  private List<Path> directories = List.of();

  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ConfigFile config = new ConfigFile();

  /** For picocli. */
  public RelayCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    Configuration configuration = config.load(cluster);
    List<Path> spools =
        directories.isEmpty() ? List.of(configuration.path(Setting.SPOOL)) : directories;
    for (Path spool : spools) {
      // A missing directory will be made by jobs; a file is a mistake.
      if (Files.exists(spool) && !Files.isDirectory(spool)) {
        print(
            "runledger: "
                + spool
                + " is not a directory; specify the directory that jobs append to.");
        return 1;
      }
    }
    Destination destination = Destination.of(configuration, Destination.token(System.getenv()));
    List<RunningSender> senders = new ArrayList<>();
    CountDownLatch stopped = new CountDownLatch(1);
    StopHook hook = new StopHook("relay", stopped::countDown);
    try {
      for (Path spool : spools) {
        senders.add(destination.start(spool, configuration, spools.size()));
        print("Sending from " + spool + "; stop with Ctrl-C.");
      }
      long told = 0;
      while (!stopped.await(TELL_SECONDS, TimeUnit.SECONDS)) {
        long sent = senders.stream().mapToLong(RunningSender::sentEvents).sum();
        if (sent > told) {
          print(Counted.of(sent, "event") + " sent.");
          told = sent;
        }
      }
    } finally {
      senders.forEach(RunningSender::close);
      hook.done();
    }
    return 0;
  }

  private void print(String sentence) {
    spec.commandLine().getErr().println(sentence);
    spec.commandLine().getErr().flush();
  }
}
