package io.runledger.wheel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code pyproject.toml} says about the Python package.
 *
 * @param readme the text of the file that it names
 * @param licence as an SPDX expression
 * @param urls what is there by address, in the order of the file
 * @param extras what each extra requires
 */
record PythonProject(
    Path directory,
    String name,
    String version,
    String description,
    String readme,
    String requiresPython,
    String licence,
    List<String> authors,
    List<String> keywords,
    List<String> classifiers,
    Map<String, String> urls,
    Map<String, List<String>> extras) {

  static PythonProject read(Path directory) throws IOException {
    JsonNode project =
        new TomlMapper().readTree(directory.resolve("pyproject.toml").toFile()).required("project");
    Map<String, String> urls = new LinkedHashMap<>();
    project.required("urls").properties().forEach(e -> urls.put(e.getKey(), e.getValue().asText()));
    Map<String, List<String>> extras = new LinkedHashMap<>();
    project
        .required("optional-dependencies")
        .properties()
        .forEach(e -> extras.put(e.getKey(), texts(e.getValue())));
    List<String> authors = new ArrayList<>();
    project.required("authors").forEach(author -> authors.add(author.required("name").asText()));
    return new PythonProject(
        directory,
        text(project, "name"),
        text(project, "version"),
        text(project, "description"),
        Files.readString(directory.resolve(text(project, "readme"))),
        text(project, "requires-python"),
        text(project.required("license"), "text"),
        List.copyOf(authors),
        texts(project.required("keywords")),
        texts(project.required("classifiers")),
        urls,
        extras);
  }

  private static String text(JsonNode table, String key) {
    return table.required(key).asText();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asText()));
    return List.copyOf(texts);
  }
}
