package io.runledger.wheel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

/** The Python package introduces itself in the words of the POMs. */
class PythonProjectTest {

  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  @Test
  void whoWroteItAndWhereItLivesIsWhatThePomSays() throws Exception {
    PythonProject project = PythonProject.read(ROOT.resolve("producer/python"));
    Document pom =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(ROOT.resolve("pom.xml").toFile());
    XPath xpath = XPathFactory.newInstance().newXPath();

    assertThat(project.authors())
        .containsExactly(xpath.evaluate("/project/developers/developer/name", pom));
    assertThat(project.licence()).isEqualTo(xpath.evaluate("/project/licenses/license/name", pom));
    assertThat(project.urls())
        .containsEntry("Homepage", xpath.evaluate("/project/url", pom))
        .containsEntry("Source", xpath.evaluate("/project/scm/url", pom))
        .containsEntry("Issues", xpath.evaluate("/project/issueManagement/url", pom));
  }

  @Test
  void theModuleHasTheVersionOfTheProject() throws IOException {
    PythonProject project = PythonProject.read(ROOT.resolve("producer/python"));

    assertThat(Files.readString(ROOT.resolve("producer/python/src/runledger/__init__.py")))
        .contains("__version__ = \"%s\"".formatted(project.version()));
  }

  /** The project of this name on PyPI is another one. */
  @Test
  void pagesInstallTheWheelOfThisVersionAndNothingByItsName() throws IOException {
    String wheel =
        "runledger-%s-py3-none-any.whl"
            .formatted(PythonProject.read(ROOT.resolve("producer/python")).version());
    for (String page :
        List.of("README.md", "deploy/docs/researcher.md", "producer/python/README.md")) {
      assertThat(ROOT.resolve(page))
          .content()
          .contains(wheel + "[java]'")
          .doesNotContainPattern("pip install '?runledger\\b");
    }
  }

  @Test
  void theLicenceAndTheNoticeAreThoseOfTheRepository() throws IOException {
    for (String file : new String[] {"LICENSE", "NOTICE"}) {
      assertThat(ROOT.resolve("producer/python").resolve(file))
          .hasSameTextualContentAs(ROOT.resolve(file));
    }
  }
}
