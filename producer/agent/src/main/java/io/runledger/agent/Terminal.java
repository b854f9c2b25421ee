package io.runledger.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a stream of this process is a terminal, according to Linux. */
public final class Terminal {

  private Terminal() {}

  /** Whether stdin (0), stdout (1) or stderr (2) is a terminal. */
  public static boolean isAt(int stream) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + stream)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException noProc) {
      return false;
    }
  }
}
