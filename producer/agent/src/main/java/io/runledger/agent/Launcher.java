package io.runledger.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The shell that runs the command and is this process's parent, {@code lib/exec.sh}: it reads our
 * stdout and writes to our stdin. One thread reads and one writes.
 */
final class Launcher {

  private final BufferedReader in;
  private final PrintStream out;

  Launcher(InputStream in, PrintStream out) {
    this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    this.out = out;
  }

  /** The launcher of this process; nothing else writes to stdout from now on. */
  static Launcher ofThisProcess() {
    PrintStream out = System.out;
    System.setOut(System.err);
    return new Launcher(System.in, out);
  }

  /** Puts a variable into the command's environment. */
  void set(String name, String value) {
    // A line is what the shell reads; a path with a line feed in it must come from the settings.
    if (value.indexOf('\n') < 0) {
      out.println("set " + name + "=" + value);
    }
  }

  /** Lets the command begin. */
  void ready() {
    out.println("ready");
    out.flush();
  }

  /** Reports that everything is recorded, upon which the launcher ends. */
  void done() {
    out.println("done");
    out.flush();
  }

  /** Waits for what happens next; empty when the launcher is gone. */
  Optional<LauncherLine> next() {
    try {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Optional<LauncherLine> known = LauncherLine.of(line);
        if (known.isPresent()) {
          return known;
        }
      }
    } catch (IOException unreadable) {
      // as if it were gone: nothing more will be heard of it
    }
    return Optional.empty();
  }
}
