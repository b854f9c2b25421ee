package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README's table of promises names tests and scenarios that exist. */
class PromisesTest {

  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Pattern ROW = Pattern.compile("(?m)^\\| ([0-9]+) \\|(.*)\\|(.*)\\|$");
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  @Test
  void eachOfTheThirteenPromisesNamesATestThatExists() throws IOException {
    Set<String> classes = testClasses();
    List<MatchResult> rows = rows();

    assertThat(rows)
        .extracting(row -> Integer.parseInt(row.group(1)))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 13).boxed().toList());
    for (MatchResult row : rows) {
      assertThat(names(row.group(2)))
          .as("tests of promise %s", row.group(1))
          .isNotEmpty()
          .isSubsetOf(classes);
    }
  }

  @Test
  void everyScenarioProvesAPromise() throws IOException {
    Set<String> named =
        rows().stream().flatMap(row -> names(row.group(3)).stream()).collect(Collectors.toSet());

    assertThat(named)
        .containsExactlyInAnyOrderElementsOf(
            FaultsIT.scenarios().stream().map(Scenario::name).toList());
  }

  private static List<MatchResult> rows() throws IOException {
    return ROW.matcher(Files.readString(ROOT.resolve("README.md"))).results().toList();
  }

  private static List<String> names(String cell) {
    return NAME.matcher(cell).results().map(name -> name.group(1)).toList();
  }

  private static Set<String> testClasses() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .map(Path::toString)
          .filter(path -> path.endsWith(".java"))
          .filter(
              path ->
                  path.contains("/src/test/java/") || path.contains("/store-tests/src/main/java/"))
          .map(path -> path.substring(path.lastIndexOf('/') + 1, path.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }
}
