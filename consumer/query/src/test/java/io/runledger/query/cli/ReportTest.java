package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.AfterEachStore;
import io.runledger.query.BeforeEachStore;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** What report writes. */
@OnEachStore
class ReportTest {

  private static final String SCRIPT =
      "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>&amp;\u001b[2J\u202e|`[a](javascript:b)";

  @TempDir private static Path directory;
  private static Laboratory laboratory;
  private static String hostile;

  @TempDir private Path place;

  @BeforeEachStore
  static void open() {
    laboratory = Laboratory.filled(directory);
    Events run = Events.ofName(SCRIPT, SCRIPT, new UUID(9, 9)).attempt(8);
    hostile = run.run().toString();
    laboratory.deliver(
        run.started(
            start ->
                start
                    .setConfig("{\"<b>\":\"</pre><script>x</script>```\"}")
                    .setNotes(SCRIPT)
                    .setTags(List.of(SCRIPT))
                    .setHost(SCRIPT)
                    .setUser(SCRIPT)
                    .setCommand(SCRIPT)
                    .setGitCommit(SCRIPT)
                    .setSlurm(Events.slurmReference(5))),
        run.metrics(Events.call(1, Map.of(SCRIPT, 1.0)), Events.call(2, Map.of(SCRIPT, 2.0))),
        run.error(SCRIPT, "```\n# heading\n" + SCRIPT),
        run.artifact(SCRIPT, SCRIPT),
        run.results("{\"x\":\"</pre>" + "<script>\"}"),
        run.slurm(5, SCRIPT));
  }

  @AfterEachStore
  static void close() {
    laboratory.close();
  }

  private String report(String name, String... words) throws IOException {
    Path file = place.resolve(name);
    Command done =
        Command.at(
            laboratory.location(),
            Stream.concat(Stream.of("report", "-o", file.toString()), Stream.of(words))
                .toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).isEmpty();
    return Files.readString(file);
  }

  /** As strict a reader as there is: what was logged opened and closed no element. */
  private static void assertWellFormed(String html) throws Exception {
    String xml = html.replace("<!DOCTYPE html>", "").replaceAll("(<meta [^>]*[^/])>", "$1/>");
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  @Test
  void aRunHasItsStatusWithEvidenceCurvesAndWhatCameOfIt() throws Exception {
    String html = report("x.html", "id:" + Laboratory.COMPLETED);

    assertWellFormed(html);
    assertThat(html)
        .contains("<h1 dir=\"auto\">7/mnist/cnn/s01/-/3</h1>")
        .contains("<p class=\"status completed\"><span aria-hidden=\"true\">✓</span> completed</p>")
        .contains("<h2>Why this status</h2>", "because the job said so")
        .contains("&quot;n_layers&quot; : 12", "<h2>Results</h2>", "checkpoints/epoch_5.pt")
        .contains(
            "<figcaption dir=\"auto\">val/loss</figcaption><svg ", "<polyline class=\"line c0\"")
        .contains("0123456789abcdef0123456789abcdef01234567 (modified)")
        .contains("0.25 @ epoch 1");
  }

  @Test
  void nanAndInfinityAreMarkedAndWhatIsMissingIsSaidFirst() throws Exception {
    String diverged = report("d.html", "id:" + Laboratory.DIVERGED);
    String incomplete = report("i.html", "id:" + Laboratory.INCOMPLETE);

    assertThat(diverged).contains("×<title>1 NaN</title>", "▲<title>Infinity</title>");
    assertWellFormed(incomplete);
    assertThat(incomplete)
        .contains("<p class=\"notice\" dir=\"auto\">3 events missing")
        .contains("5 events of ")
        .contains("running (silent ");
    assertThat(incomplete.indexOf("3 events missing")).isLessThan(incomplete.indexOf("<svg"));
  }

  @Test
  void severalRunsAreLaidOverEachOther() throws Exception {
    String html =
        report(
            "x.html",
            "id:" + Laboratory.COMPLETED,
            "id:" + Laboratory.DIVERGED,
            "--title",
            "Two <of> them");

    assertWellFormed(html);
    assertThat(html)
        .contains("<h1 dir=\"auto\">Two &lt;of&gt; them</h1>")
        .contains("polyline class=\"line c0\"", "polyline class=\"line c1\"")
        .contains("<i class=\"c1\"></i>7/mnist/cnn/s01/-/4")
        .contains("Differences of the configurations", "learning_rate")
        .doesNotContain("optimizer.betas");
  }

  @Test
  void aFilterChoosesRunsAndStderrSaysWhatIsLeftOut() throws Exception {
    String html = report("x.html", "--experiment", "7");
    Command some =
        Command.at(
            laboratory.location(),
            "report",
            "--experiment",
            "7",
            "--limit",
            "2",
            "-o",
            place + "/y.md");
    Command none =
        Command.at(laboratory.location(), "report", "--tag", "none", "-o", place + "/z.md");

    assertThat(html).contains("<h1 dir=\"auto\">5 runs</h1>");
    assertThat(some.err()).contains("2 of 5 runs shown");
    assertThat(none.code()).isEqualTo(3);
    assertThat(place.resolve("z.md")).doesNotExist();
  }

  @Test
  void nothingThatWasLoggedIsMarkupInHtml() throws Exception {
    for (String html :
        List.of(
            report("x.html", hostile), report("y.html", hostile, "id:" + Laboratory.COMPLETED))) {
      assertWellFormed(html);
      assertThat(html).doesNotContain("<script", "<img", "<b>", "\u001b", "\u202e");
      assertThat(html).contains("&lt;script&gt;alert(1)", "␛[2J");
      assertThat(html).doesNotContainPattern("(src|href)=\"");
    }
  }

  @Test
  void nothingThatWasLoggedIsMarkupInMarkdown() throws IOException {
    String markdown = report("x.md", hostile);
    String outsideOfCode = markdown.replaceAll("(?s)\n(`{3,})\n.*?\n\\1\n", "\n");

    assertThat(outsideOfCode).doesNotContain("<script", "<img", "\u001b", "[a](");
    assertThat(outsideOfCode)
        .doesNotContainPattern("(?m)^# heading")
        .contains("\\[a\\](javascript");
    assertThat(outsideOfCode.lines().filter(line -> line.startsWith("# "))).hasSize(1);
    assertThat(markdown).contains("\n````\n");
    assertThat(outsideOfCode.lines().filter(line -> line.startsWith("| Type")))
        .containsExactly("| Type | File | Size | SHA-256 | Metadata |");
  }

  @Test
  void aReportIsTheSameForTheSameLedger() throws IOException {
    String once = report("x.html", "id:" + Laboratory.COMPLETED);
    String again = report("y.html", "id:" + Laboratory.COMPLETED);

    assertThat(again.replaceAll("report of</dt>.*", ""))
        .isEqualTo(once.replaceAll("report of</dt>.*", ""));
  }
}
