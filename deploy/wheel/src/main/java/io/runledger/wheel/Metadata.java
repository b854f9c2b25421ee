package io.runledger.wheel;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The file METADATA of a wheel: lines of {@code Name: value}, and the README below them. */
final class Metadata {

  /** The address of a link that is neither elsewhere nor in the text itself. */
  private static final Pattern RELATIVE_LINK =
      Pattern.compile("(?<=\\]\\()(?![a-z]+:|#)[^)\\s]+(?=\\))");

  private static final String SOURCE = "Source";

  /** Where the README is in the repository, from which its links lead. */
  private static final Path README = Path.of("producer/python");

  private final PythonProject project;
  private final StringBuilder lines = new StringBuilder();

  Metadata(PythonProject project) {
    this.project = project;
  }

  /**
   * @param licences the names of the files with the licences
   * @param expression all licences, as an SPDX expression
   */
  String text(List<String> licences, String expression) {
    line("Metadata-Version", "2.4");
    line("Name", project.name());
    line("Version", project.version());
    line("Summary", project.description());
    line("Keywords", String.join(",", project.keywords()));
    line("Author", String.join(", ", project.authors()));
    line("License-Expression", expression);
    licences.forEach(licence -> line("License-File", licence));
    project.classifiers().forEach(classifier -> line("Classifier", classifier));
    project.urls().forEach((what, address) -> line("Project-URL", what + ", " + address));
    line("Requires-Python", project.requiresPython());
    project.extras().forEach(this::extra);
    line("Description-Content-Type", "text/markdown; charset=UTF-8; variant=GFM");
    return lines + "\n" + readme();
  }

  private void extra(String extra, List<String> requirements) {
    line("Provides-Extra", extra);
    requirements.forEach(
        requirement -> line("Requires-Dist", "%s; extra == '%s'".formatted(requirement, extra)));
  }

  private void line(String name, String value) {
    if (value.isBlank() || value.lines().count() != 1) {
      throw new IllegalArgumentException("%s must be one line, not: %s".formatted(name, value));
    }
    lines.append(name).append(": ").append(value).append('\n');
  }

  /** Away from the repository, only whole addresses lead anywhere. */
  private String readme() {
    String repository = project.urls().get(SOURCE) + "/blob/main/";
    return RELATIVE_LINK
        .matcher(project.readme())
        .replaceAll(
            link ->
                Matcher.quoteReplacement(repository + README.resolve(link.group()).normalize()));
  }
}
