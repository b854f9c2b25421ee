package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The page over a database, served by the distribution in a process that a test may end. */
final class ServedPage implements AutoCloseable {

  private static final Pattern ADDRESS =
      Pattern.compile("http://[^ ;]+?/(?= |;|$)", Pattern.MULTILINE);

  private final Distribution distribution;
  private final Path directory;
  private final Path database;
  private Process process;
  private String address;

  /** Starts with further options of {@code serve}. */
  ServedPage(Path directory, Path database, String... options) throws IOException {
    this.distribution = new Distribution(directory);
    this.directory = directory;
    this.database = database;
    start(0, options);
  }

  private void start(int port, String... options) throws IOException {
    Path output = directory.resolve("serve-" + System.nanoTime() + ".txt");
    String[] words = new String[options.length + 5];
    System.arraycopy(options, 0, words, 5, options.length);
    words[0] = "serve";
    words[1] = "--db";
    words[2] = database.toString();
    words[3] = "--port";
    words[4] = Integer.toString(port);
    // The default port is some other test's, whose service has another database; the default spool
    // has the path of this machine's build, which is nothing for a picture.
    Map<String, String> environment =
        Map.of("RUNLEDGER_HEALTH_PORT", "-1", "RUNLEDGER_SPOOL", database + ".spool");
    process = distribution.start(output, environment, words);
    Awaitility.await("the address of the page")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> ADDRESS.matcher(Distribution.text(output)).find());
    Matcher matcher = ADDRESS.matcher(Distribution.text(output));
    assertThat(matcher.find()).isTrue();
    address = matcher.group();
  }

  /** The address of a view, from its path without a slash before it. */
  String at(String path) {
    return address + path;
  }

  /** Ends as if somebody had pulled the plug. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Starts again where it was. */
  void startAgain() throws IOException {
    start(URI.create(address).getPort());
  }

  @Override
  public void close() {
    process.destroy();
  }
}
