package io.runledger.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Files of {@code /proc}. What cannot be read is empty: a process may end while it is read, or be
 * another user's.
 *
 * @param root where they are
 */
record ProcFiles(Path root) {

  static final ProcFiles OF_THIS_MACHINE = new ProcFiles(Path.of("/proc"));

  /** The whole file. */
  String text(String name) {
    try {
      // The name of a process may be any bytes.
      return Files.readString(root.resolve(name), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  /** The first number of each line that begins with one of the names and a colon. */
  Map<String, Long> numbers(String file, String... names) {
    Set<String> wanted = Set.of(names);
    Map<String, Long> found = new TreeMap<>();
    for (String line : text(file).split("\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0 && wanted.contains(line.substring(0, colon))) {
        String value = line.substring(colon + 1).strip();
        found.put(line.substring(0, colon), Long.parseLong(value.split(" ", 2)[0]));
      }
    }
    return found;
  }

  /** The numbers of all processes. */
  Set<Long> processes() {
    Set<Long> found = new HashSet<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(root, "[0-9]*")) {
      all.forEach(one -> found.add(Long.parseLong(one.getFileName().toString())));
    } catch (IOException notThere) {
      // no process is known then
    }
    return found;
  }

  /** The words of the first line. */
  List<String> firstWords(String file) {
    return List.of(text(file).split("\n", 2)[0].split(" +", -1));
  }
}
