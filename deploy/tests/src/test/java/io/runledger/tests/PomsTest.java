package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Each POM has what Maven Central demands of it, as its publication requirements list it: name,
 * description, url, licence, developers and scm, of its own or inherited unchanged.
 */
class PomsTest {

  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  /** Modules that are not published, because nobody else can use them. */
  private static final List<String> UNPUBLISHED = List.of("runledger-tests", "runledger-wheel");

  private final XPath xpath = XPathFactory.newInstance().newXPath();

  @Test
  void theRootSaysWhatAllModulesInherit() throws Exception {
    Document root = pom(ROOT);

    for (String required :
        List.of(
            "name",
            "description",
            "url",
            "inceptionYear",
            "licenses/license/name",
            "licenses/license/url",
            "developers/developer/name",
            "developers/developer/organization",
            "scm/connection",
            "scm/developerConnection",
            "scm/url",
            "issueManagement/url")) {
      assertThat(text(root, "/project/" + required)).as(required).isNotBlank();
    }
  }

  /** Maven appends the module's name to the addresses that it inherits unless it is forbidden. */
  @Test
  void theAddressesOfModulesAreThoseOfTheRoot() throws Exception {
    Document root = pom(ROOT);

    assertThat(text(root, "/project/@child.project.url.inherit.append.path")).isEqualTo("false");
    for (String address : List.of("connection", "developerConnection", "url")) {
      assertThat(text(root, "/project/scm/@child.scm." + address + ".inherit.append.path"))
          .as(address)
          .isEqualTo("false");
    }
    for (Map.Entry<String, Document> module : modules().entrySet()) {
      for (String inherited : List.of("url", "scm", "licenses", "developers")) {
        assertThat(count(module.getValue(), "/project/" + inherited))
            .as("%s of %s", inherited, module.getKey())
            .isZero();
      }
    }
  }

  @Test
  void everyModuleHasItsOwnNameAndSentence() throws Exception {
    Map<String, Document> modules = modules();
    List<String> descriptions = new ArrayList<>();

    for (Map.Entry<String, Document> module : modules.entrySet()) {
      assertThat(text(module.getValue(), "/project/name")).startsWith("Runledger: ");
      descriptions.add(text(module.getValue(), "/project/description"));
    }

    assertThat(modules).hasSizeGreaterThan(15);
    assertThat(descriptions).doesNotHaveDuplicates().allMatch(text -> text.matches("[A-Z].+\\."));
  }

  @Test
  void noPublishedModuleNeedsOneThatIsNotPublished() throws Exception {
    for (Map.Entry<String, Document> module : modules().entrySet()) {
      boolean skipped =
          text(module.getValue(), "/project/properties/maven.deploy.skip").equals("true");
      assertThat(skipped).as(module.getKey()).isEqualTo(UNPUBLISHED.contains(module.getKey()));
      if (!skipped) {
        assertThat(
                texts(
                    module.getValue(),
                    "/project/dependencies/dependency[not(scope = 'test')]/artifactId"))
            .as(module.getKey())
            .doesNotContainAnyElementsOf(UNPUBLISHED);
      }
    }
  }

  @Test
  void versionsOfLibrariesAreDeclaredInTheRootAlone() throws Exception {
    for (Map.Entry<String, Document> module : modules().entrySet()) {
      assertThat(texts(module.getValue(), "/project/dependencies/dependency/version"))
          .as(module.getKey())
          .allMatch("${project.version}"::equals);
    }
  }

  private Map<String, Document> modules() throws Exception {
    Map<String, Document> modules = new HashMap<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      List<Path> poms =
          files
              .filter(file -> file.endsWith("pom.xml"))
              .filter(file -> !ROOT.relativize(file).toString().contains("target"))
              .filter(file -> !file.getParent().equals(ROOT))
              .toList();
      for (Path file : poms) {
        Document module = pom(file.getParent());
        // One without a parent is no part of the build: it fetches a program for a test.
        if (count(module, "/project/parent") > 0) {
          modules.put(text(module, "/project/artifactId"), module);
        }
      }
    }
    return modules;
  }

  private static Document pom(Path directory)
      throws IOException, ParserConfigurationException, SAXException {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(directory.resolve("pom.xml").toFile());
  }

  private String text(Document document, String path) throws XPathExpressionException {
    return xpath.evaluate(path, document).strip();
  }

  private int count(Document document, String path) throws XPathExpressionException {
    return ((NodeList) xpath.evaluate(path, document, XPathConstants.NODESET)).getLength();
  }

  private List<String> texts(Document document, String path) throws XPathExpressionException {
    NodeList nodes = (NodeList) xpath.evaluate(path, document, XPathConstants.NODESET);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent().strip());
    }
    return texts;
  }
}
