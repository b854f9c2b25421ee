package io.runledger.agent;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The names of the signals that a job may receive under SLURM and at a terminal. */
final class Signals {

  private static final int OF_A_SIGNAL = 128;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "SIGHUP"),
          Map.entry(2, "SIGINT"),
          Map.entry(3, "SIGQUIT"),
          Map.entry(4, "SIGILL"),
          Map.entry(6, "SIGABRT"),
          Map.entry(7, "SIGBUS"),
          Map.entry(8, "SIGFPE"),
          Map.entry(9, "SIGKILL"),
          Map.entry(10, "SIGUSR1"),
          Map.entry(11, "SIGSEGV"),
          Map.entry(12, "SIGUSR2"),
          Map.entry(13, "SIGPIPE"),
          Map.entry(14, "SIGALRM"),
          Map.entry(15, "SIGTERM"),
          Map.entry(24, "SIGXCPU"),
          Map.entry(25, "SIGXFSZ"));

  private Signals() {}

  /** The name of the signal that an exit code stands for, such as SIGTERM for 143. */
  static Optional<String> ofExitCode(int code) {
    return Optional.ofNullable(NAMES.get(code - OF_A_SIGNAL));
  }

  /** {@code SIGTERM} and {@code SIGUSR1} of TERM and USR1. */
  static String words(List<String> names) {
    return names.stream()
        .map(name -> "SIG" + name.toUpperCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }
}
