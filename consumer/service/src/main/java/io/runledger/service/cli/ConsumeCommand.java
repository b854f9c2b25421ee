package io.runledger.service.cli;

import io.runledger.config.Configuration;
import io.runledger.options.AlertOptions;
import io.runledger.options.LedgerOptions;
import io.runledger.service.ConsumerService;
import io.runledger.service.database.Locations;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs the consumer service until SIGTERM or SIGINT, then ends cleanly with exit code 0. */
@Command(
    name = "consume",
    mixinStandardHelpOptions = true,
    description = "Keep the database in step with the topics, until stopped.")
public final class ConsumeCommand implements Callable<Integer> {

  @Mixin private LedgerOptions options = new LedgerOptions();
  @Mixin private AlertOptions alerts = new AlertOptions();
  @Spec private CommandSpec spec;

  /** Made by picocli. */
  public ConsumeCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter words = spec.commandLine().getErr();
    Configuration configuration = options.load(alerts);
    AtomicBoolean endedByItself = new AtomicBoolean();
    boolean several = Locations.of(configuration).severalMayWrite();
    try (ConsumerService service =
        several
            ? ConsumerService.startBeside(configuration)
            : ConsumerService.start(configuration)) {
      Thread hook = new Thread(() -> endOnSignal(service, endedByItself), "runledger-signal");
      Runtime.getRuntime().addShutdownHook(hook);
      words.println("Writing " + configuration.database() + "; stop with Ctrl-C.");
      service
          .healthAddress()
          .ifPresent(
              address ->
                  words.println(
                      "Health: http://%s:%d/health"
                          .formatted(address.getHostString(), address.getPort())));
      words.flush();
      try {
        service.awaitEnd();
      } finally {
        endedByItself.set(true);
      }
      return 0;
    }
  }

  private static void endOnSignal(ConsumerService service, AtomicBoolean endedByItself) {
    if (endedByItself.get()) {
      return;
    }
    service.close();
    // The JVM would end with 143 for SIGTERM; a service that did as it was asked has not failed.
    Runtime.getRuntime().halt(0);
  }
}
