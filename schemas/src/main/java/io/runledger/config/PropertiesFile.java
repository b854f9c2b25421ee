package io.runledger.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * Reads a properties file in UTF-8, with the line number of each key, which {@link Properties} does
 * not provide.
 */
final class PropertiesFile {

  /**
   * One key and its value.
   *
   * @param number of the line, from 1; of the first one where a value goes over several
   */
  record Line(int number, String key, String value) {}

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private PropertiesFile() {}

  /** The lines with a key, in the order of the file. */
  static List<Line> read(Path file) {
    List<String> physical;
    try {
      physical = new ArrayList<>(Files.readAllLines(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new InvalidConfigurationException(
          "Cannot read the configuration file %s (%s); specify one that can be read, or none."
              .formatted(file, reason(e)),
          e);
    }
    if (!physical.isEmpty() && physical.get(0).startsWith(BYTE_ORDER_MARK)) {
      physical.set(0, physical.get(0).substring(1));
    }
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < physical.size(); i++) {
      int first = i;
      StringBuilder logical = new StringBuilder(physical.get(i));
      while (!isComment(physical.get(first)) && continues(logical) && i + 1 < physical.size()) {
        i++;
        logical.append('\n').append(physical.get(i));
      }
      addParsed(lines, file, first + 1, logical.toString());
    }
    return lines;
  }

  /** The JDK's exceptions about files say what is wrong by their class, not by their message. */
  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (e instanceof AccessDeniedException) {
      return "no permission";
    }
    return e instanceof CharacterCodingException ? "it is not UTF-8" : e.getMessage();
  }

  private static void addParsed(List<Line> lines, Path file, int number, String logical) {
    Properties parsed = new Properties();
    try {
      parsed.load(new StringReader(logical));
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidConfigurationException(
          "%s:%d is not a valid line of a properties file: %s"
              .formatted(file, number, e.getMessage()),
          e);
    }
    for (String key : parsed.stringPropertyNames()) {
      lines.add(new Line(number, key, parsed.getProperty(key)));
    }
  }

  private static boolean isComment(String line) {
    String text = line.stripLeading();
    return text.startsWith("#") || text.startsWith("!");
  }

  /** An odd number of backslashes at the end: an even one is escaped backslashes. */
  private static boolean continues(CharSequence line) {
    int backslashes = 0;
    while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1;
  }
}
