package io.runledger.service.cli;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.options.AlertOptions;
import io.runledger.options.DeskOptions;
import io.runledger.options.Since;
import io.runledger.service.follow.Desks;
import io.runledger.service.follow.Follower;
import io.runledger.spool.FollowedSpool;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Follows a spool until SIGTERM or SIGINT, then ends cleanly with exit code 0. */
@Command(
    name = "follow",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Keep the database in step with a spool, without a broker: what jobs append is in the database"
          + " at once.",
      "The files of the spool are the log: they stay where they are, sent or not, and 'runledger"
          + " rebuild --spool DIR' rebuilds the database from them. 'runledger sync DIR' sends the"
          + " same files to a broker."
    },
    footer = {
      "",
      "Example:",
      "  runledger follow --spool runs.db.spool --db runs.db --idle-exit 10m"
    })
public final class FollowCommand implements Callable<Integer> {

  @Mixin private DeskOptions options = new DeskOptions();
  @Mixin private AlertOptions alerts = new AlertOptions();

  @Option(
      names = "--idle-exit",
      paramLabel = "TIME",
      converter = Time.class,
      description =
          "Stop when nothing has arrived for this long and no known process on this machine could"
              + " still append: a number followed by s, m, h or d. Default: never.")
  private Optional<Duration> idle = Optional.empty();

  @Option(
      names = "--archive-to",
      paramLabel = "DIR",
      description =
          "Move files that are complete and applied to DIR, so that the spool stays small; 'rebuild'"
              + " and 'verify' read them there. Default: all stay in the spool.")
  private Optional<Path> archive = Optional.empty();

  @Option(
      names = "--desks",
      paramLabel = "DIR",
      description =
          "Follow the spools that are requested by files in DIR instead, all in one process, as the"
              + " Python package does.")
  private Optional<Path> desks = Optional.empty();

  @Spec private CommandSpec spec;

  /** A whole number of seconds, minutes, hours or days. */
  static final class Time implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([smhd])");

    @Override
    public Duration convert(String text) {
      Matcher form = FORM.matcher(text);
      if (!form.matches()) {
        throw new TypeConversionException(
            "'%s' is not a duration such as 90s, 10m, 2h or 1d".formatted(text));
      }
      return Since.duration(Long.parseLong(form.group(1)), form.group(2).charAt(0));
    }
  }

  /** Made by picocli. */
  public FollowCommand() {}

  @Override
  public Integer call() throws InterruptedException, IOException {
    Configuration configuration = options.load(alerts);
    return desks.isPresent()
        ? followDesks(desks.get(), configuration)
        : follow(FollowedSpool.ofDatabase(configuration));
  }

  private int followDesks(Path directory, Configuration configuration)
      throws InterruptedException, IOException {
    Optional<Desks> taken = Desks.open(directory, configuration);
    if (taken.isEmpty()) {
      return 0;
    }
    AtomicBoolean hasEnded = new AtomicBoolean();
    try (Desks followed = taken.get()) {
      endOnSignal(followed::end, hasEnded);
      followed.run(idle);
    } finally {
      hasEnded.set(true);
    }
    return 0;
  }

  private int follow(Configuration configuration) throws InterruptedException {
    PrintWriter words = spec.commandLine().getErr();
    AtomicBoolean hasEnded = new AtomicBoolean();
    try (Follower follower =
        Follower.open(configuration.path(Setting.SPOOL), archive, configuration)) {
      endOnSignal(follower::end, hasEnded);
      words.printf(
          "Following %s into %s; stop with Ctrl-C.%n",
          configuration.path(Setting.SPOOL), configuration.path(Setting.DB));
      words.flush();
      follower.run(idle);
    } finally {
      hasEnded.set(true);
    }
    return 0;
  }

  private static void endOnSignal(Runnable end, AtomicBoolean hasEnded) {
    Thread thread = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> end(end, thread, hasEnded), "runledger-signal"));
  }

  private static void end(Runnable end, Thread thread, AtomicBoolean hasEnded) {
    if (hasEnded.get()) {
      return;
    }
    end.run();
    try {
      while (!hasEnded.get() && thread.isAlive()) {
        thread.join(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // The JVM would end with 143 for SIGTERM; a follower that did as it was asked has not failed.
    Runtime.getRuntime().halt(0);
  }
}
