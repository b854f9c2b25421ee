package io.runledger.stack;

import io.runledger.files.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The registry's data in the directory of a stack. A first start that is killed leaves tables that
 * the registry never finishes; they are deleted, but only when they are known to hold no schema:
 * the topics use the ids of those.
 *
 * @param directory of the stack
 */
record RegistryData(Path directory) {

  /** H2 writes two blocks of head, and data behind them. */
  private static final long BYTES_WITHOUT_DATA = 2 * 4096;

  private static final long DEADLINE_SECONDS = 60;

  /** H2's codes for a missing table. */
  private static final Pattern NO_TABLE = Pattern.compile("\\[(42102|42103|42104)-");

  private static final Pattern COUNT = Pattern.compile("(?m)^SCHEMAS\\s+(\\d+)\\s*$");

  /** The database, as its URL names it. */
  Path database() {
    return directory.resolve("registry").resolve("registry");
  }

  private Path file() {
    return directory.resolve("registry").resolve("registry.mv.db");
  }

  /** Exists once the registry has answered; its tables are complete then. */
  private Path complete() {
    return directory.resolve("registry.complete");
  }

  /** Notes that the registry answered; call it before any schema is registered. */
  void confirmComplete() throws IOException {
    if (!Files.exists(complete())) {
      Files.createFile(complete(), PrivateFiles.FILE);
    }
  }

  /** Deletes unfinished tables; call it while no registry runs. */
  void removeUnfinished(Installation installation) throws IOException {
    if (Files.exists(complete()) || !Files.exists(file()) || mayHoldSchemas(installation)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory.resolve("registry"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private boolean mayHoldSchemas(Installation installation) throws IOException {
    if (Files.size(file()) <= BYTES_WITHOUT_DATA) {
      return false;
    }
    String answer = ask(installation);
    Matcher count = COUNT.matcher(answer);
    return count.find() ? !count.group(1).equals("0") : !NO_TABLE.matcher(answer).find();
  }

  /** The output of H2's own shell about the table of schemas, or its error. */
  private String ask(Installation installation) throws IOException {
    Path answer = directory.resolve("tmp").resolve("registry-data.txt");
    Process shell =
        new ProcessBuilder(
                installation.java(
                    directory,
                    List.of("-Xmx128m"),
                    installation.registry().resolve("lib").resolve("*").toString(),
                    "org.h2.tools.Shell",
                    "-url",
                    "jdbc:h2:file:" + database() + ";IFEXISTS=TRUE;ACCESS_MODE_DATA=r",
                    "-user",
                    "sa",
                    "-password",
                    "sa",
                    "-sql",
                    "SELECT count(*) AS schemas FROM content"))
            .redirectErrorStream(true)
            .redirectOutput(answer.toFile())
            .start();
    try {
      if (!shell.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        shell.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      shell.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    String text = Files.readString(answer, StandardCharsets.UTF_8);
    Files.delete(answer);
    return text;
  }
}
