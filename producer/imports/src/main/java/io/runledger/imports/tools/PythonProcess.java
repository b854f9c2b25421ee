package io.runledger.imports.tools;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a Python program that reads what only Python can read, and takes the lines that it prints.
 */
final class PythonProcess {

  private static final int LONGEST_TOLD = 500;

  private PythonProcess() {}

  /** Takes a line. */
  interface Lines {
    void take(String line) throws IOException;
  }

  /**
   * Runs it to its end.
   *
   * @param python the interpreter
   * @param arguments absolute paths, because the process is in the root directory: there it finds
   *     no module but those that are installed
   * @param what what cannot be done if it fails, as the beginning of a sentence
   * @param remedy what to do then, as a sentence
   * @throws IOException when it cannot be started, or fails
   */
  static void run(String python, List<String> arguments, Lines lines, String what, String remedy)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(python);
    command.addAll(arguments);
    Path errors = Files.createTempFile("runledger-import-", ".err");
    try {
      Process process = started(command, errors, what, remedy);
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          lines.take(line);
        }
        int code = process.waitFor();
        if (code != 0) {
          throw new IOException(
              "%s: %s ended with code %d%s. %s"
                  .formatted(what, python, code, lastLine(errors), remedy));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(what + ": interrupted.", e);
      } finally {
        process.destroy();
      }
    } finally {
      Files.deleteIfExists(errors);
    }
  }

  private static Process started(List<String> command, Path errors, String what, String remedy)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(new File("/"));
    builder.redirectInput(new File("/dev/null"));
    builder.redirectError(errors.toFile());
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IOException(
          "%s: '%s' cannot be started. %s".formatted(what, command.get(0), remedy), e);
    }
  }

  private static String lastLine(Path errors) throws IOException {
    String text = new String(Files.readAllBytes(errors), StandardCharsets.UTF_8).strip();
    String last = text.substring(text.lastIndexOf('\n') + 1);
    return last.isEmpty()
        ? ""
        : " (" + last.substring(0, Math.min(LONGEST_TOLD, last.length())) + ")";
  }
}
