package io.runledger.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Where a process listens, according to Linux's /proc. */
final class ListeningSockets {

  private static final String LISTENING = "0A";
  private static final String LOOPBACK = "0100007F";
  private static final String LOOPBACK_MAPPED = "0000000000000000FFFF0000" + LOOPBACK;
  private static final String LOOPBACK_OF_IPV6 = "00000000000000000000000001000000";

  /**
   * One of them.
   *
   * @param address as /proc writes it: hexadecimal, with the port behind a colon
   */
  record Listening(long pid, String address) {

    boolean isLoopback() {
      String host = address.substring(0, address.indexOf(':'));
      return List.of(LOOPBACK, LOOPBACK_MAPPED, LOOPBACK_OF_IPV6).contains(host);
    }
  }

  private ListeningSockets() {}

  static List<Listening> of(long pid) throws IOException {
    List<Listening> listening = new ArrayList<>();
    for (String[] words : sockets(pid)) {
      if (words[3].equals(LISTENING)) {
        listening.add(new Listening(pid, words[1]));
      }
    }
    return listening;
  }

  /** The lines of the process's TCP sockets, in words. */
  private static List<String[]> sockets(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    Set<String> own = new HashSet<>();
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      for (Path file : files.toList()) {
        target(file).ifPresent(own::add);
      }
    }
    List<String[]> sockets = new ArrayList<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      for (String line : Files.readAllLines(process.resolve(table))) {
        String[] words = line.strip().split("\\s+", -1);
        if (own.contains("socket:[" + words[9] + "]")) {
          sockets.add(words);
        }
      }
    }
    return sockets;
  }

  /** What a descriptor is; empty where it was closed since the process's were listed. */
  private static Optional<String> target(Path descriptor) throws IOException {
    try {
      return Optional.of(Files.readSymbolicLink(descriptor).toString());
    } catch (NoSuchFileException closed) {
      return Optional.empty();
    }
  }
}
