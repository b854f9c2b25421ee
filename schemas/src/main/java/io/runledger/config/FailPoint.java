package io.runledger.config;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A named place where a test may make this process fail. Does nothing, and costs nothing once
 * compiled, unless the system property {@code runledger.fail} is set when the class is loaded:
 *
 * <pre>{@code -Drunledger.fail=applied@3:kill}</pre>
 *
 * <p>That is: the third time that {@code hit("applied")} is called, end the process as SIGKILL ends
 * it, without hooks and without flushes. {@code throw} throws an {@link InjectedFaultException}
 * instead, {@code sleep} holds the calling thread until it is interrupted. Thread-safe.
 */
public final class FailPoint {

  /** The system property that names the place, the occurrence and the fault. */
  public static final String PROPERTY = "runledger.fail";

  private static final Optional<Fault> FAULT =
      Optional.ofNullable(System.getProperty(PROPERTY)).map(Fault::parse);

  private FailPoint() {}

  /** The failure that {@code throw} asks for. */
  public static final class InjectedFaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InjectedFaultException(String name) {
      super("Failed at " + name + ", as " + PROPERTY + " requested.");
    }
  }

  /** Fails here, if this is where the test wants it. */
  public static void hit(String name) {
    if (FAULT.isPresent()) {
      FAULT.get().hit(name);
    }
  }

  private record Fault(String name, long occurrence, String kind, AtomicLong hits) {

    private static final Pattern SYNTAX = Pattern.compile("(.+)@([0-9]{1,9}):(kill|throw|sleep)");

    static Fault parse(String text) {
      Matcher matcher = SYNTAX.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "%s=%s is not of the form NAME@N:kill, throw or sleep.".formatted(PROPERTY, text));
      }
      return new Fault(
          matcher.group(1), Long.parseLong(matcher.group(2)), matcher.group(3), new AtomicLong());
    }

    void hit(String here) {
      if (!here.equals(name) || hits.incrementAndGet() != occurrence) {
        return;
      }
      switch (kind) {
        case "kill" -> kill();
        case "throw" -> throw new InjectedFaultException(name);
        default -> sleep();
      }
    }

    private static void kill() {
      try {
        // Not Runtime.halt: a signal ends the native code too, in the middle of whatever it does.
        new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid())).start();
      } catch (IOException e) {
        throw new IllegalStateException("This process cannot be killed.", e);
      }
      sleep();
    }

    private static void sleep() {
      try {
        TimeUnit.DAYS.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
