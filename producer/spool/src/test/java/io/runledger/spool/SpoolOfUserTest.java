package io.runledger.spool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Root may read all files; this is what others find in a spool. */
class SpoolOfUserTest {

  private static final String NOBODY = "65534";

  @TempDir private Path directory;

  @Test
  void aUserOtherThanRootFindsTheirOwnFilesAndNoOthers() throws Exception {
    assumeTrue(Files.getAttribute(directory, "unix:uid").equals(0), "only root becomes another");
    for (Path above = directory.getParent(); above != null; above = above.getParent()) {
      assumeTrue(
          Files.getPosixFilePermissions(above).contains(PosixFilePermission.OTHERS_EXECUTE),
          "others cannot get here");
    }
    Path spool = Files.createDirectory(directory.resolve("spool"));
    Path own = Files.createFile(spool.resolve("own.jsonl"));
    Files.createFile(spool.resolve("of-root.jsonl"));
    Files.setAttribute(own, "unix:uid", Integer.valueOf(NOBODY));
    openToAll(directory);
    openToAll(spool);

    List<String> command =
        List.of(
            "setpriv",
            "--reuid=" + NOBODY,
            "--regid=" + NOBODY,
            "--clear-groups",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            readableClassPath(),
            Main.class.getName(),
            spool.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String found = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(found).isEqualTo("[" + own + "]\n");
  }

  /** Prints which files of lines are those of the user it runs as. */
  static final class Main {
    public static void main(String[] args) throws IOException {
      System.out.println(SpoolDirectory.jsonLines(Path.of(args[0])));
    }
  }

  /** The class path, where another user cannot enter the directories it lies in. */
  private String readableClassPath() throws IOException {
    Path copies = openToAll(Files.createDirectory(directory.resolve("classes")));
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path copy = copies.resolve(String.valueOf(entries.size()));
      copy(Path.of(entry), copy);
      entries.add(copy.toString());
    }
    return String.join(File.pathSeparator, entries);
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.exists(from)) {
      return;
    }
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        openToAll(Files.copy(file, to.resolve(from.relativize(file).toString())));
      }
    }
  }

  private static Path openToAll(Path path) throws IOException {
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
