package io.runledger.agent;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The signals that a job meets under SLURM and at a terminal. */
final class Signals {

  /**
   * What is forwarded: SLURM warns with USR1 or USR2, ends with CONT and TERM; a JVM without
   * handlers dies of the first two.
   */
  private static final List<String> FORWARDED =
      List.of("TERM", "INT", "HUP", "USR1", "USR2", "CONT", "XCPU");

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
          Map.entry(15, "SIGTERM"),
          Map.entry(24, "SIGXCPU"));

  private Signals() {}

  /**
   * Hands each forwarded signal, such as {@code TERM}, to {@code to} from now on. The JDK has no
   * other way to hear of a signal than sun.misc.Signal, of which the compiler warns in a way that
   * cannot be answered; hence by reflection.
   */
  static void handle(Consumer<String> to) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      for (String name : FORWARDED) {
        Object told =
            Proxy.newProxyInstance(
                Signals.class.getClassLoader(),
                new Class<?>[] {handler},
                (proxy, method, arguments) -> {
                  to.accept(name);
                  return null;
                });
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), told);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This Java cannot hear of signals.", e);
    }
  }

  /** The name of the signal that an exit code speaks of, as 143 does of SIGTERM. */
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
