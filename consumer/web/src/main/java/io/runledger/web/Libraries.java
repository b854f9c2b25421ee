package io.runledger.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The libraries of this installation. */
final class Libraries {

  private Libraries() {}

  /**
   * The version of a library, as its own properties name it; "development" where ours is not from a
   * library.
   *
   * @param library its group and its name, with a slash between them
   */
  static String version(String library) {
    String name = "/META-INF/maven/" + library + "/pom.properties";
    try (InputStream in = Libraries.class.getResourceAsStream(name)) {
      if (in == null) {
        return library.startsWith("io.runledger/") ? "development" : missing(library);
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException("The library " + library + " cannot be read.", e);
    }
  }

  private static String missing(String library) {
    throw new IllegalStateException(
        "This installation lacks the library %s of the page; reinstall it.".formatted(library));
  }
}
