package io.runledger.web.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.config.ExitCodes;
import io.runledger.query.Laboratory;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {

  private static final Pattern ADDRESS =
      Pattern.compile("The page is at (http://[^/]+/); Ctrl-C stops it\\.");

  @TempDir private Path directory;
  private Laboratory laboratory;

  @BeforeEach
  void fill() {
    laboratory = Laboratory.filled(directory);
  }

  @AfterEach
  void close() {
    laboratory.close();
  }

  private String[] serve(String... rest) {
    String[] all = new String[rest.length + 3];
    all[0] = "serve";
    all[1] = "--db";
    all[2] = laboratory.database().toString();
    System.arraycopy(rest, 0, all, 3, rest.length);
    return all;
  }

  /** Serves until the thread is interrupted, as Ctrl-C ends the process. */
  private int statusOf(String path, String... options) throws Exception {
    StringWriter out = new StringWriter();
    Thread thread = new Thread(() -> VerbRun.of(out, serve(options)));
    thread.start();
    try {
      Matcher address =
          await()
              .atMost(Duration.ofSeconds(20))
              .until(() -> ADDRESS.matcher(out.toString()), Matcher::find);
      URI uri = URI.create(address.group(1) + path);
      return HttpClient.newHttpClient()
          .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
          .statusCode();
    } finally {
      thread.interrupt();
      thread.join(Duration.ofSeconds(20).toMillis());
      assertThat(thread.isAlive()).isFalse();
    }
  }

  @Test
  void itSaysWhereThePageIsAndServesUntilItIsStopped() throws Exception {
    assertThat(statusOf("api/v1/runs", "--port", "0")).isEqualTo(200);
  }

  @Test
  void aTokenIsDemandedOnLoopbackWhereThatIsAskedFor() throws Exception {
    assertThat(statusOf("api/v1/runs", "--port", "0", "--require-token")).isEqualTo(401);
  }

  @Test
  void aTokenIsDemandedOnAnyAddressThatOthersReach() throws Exception {
    assertThat(statusOf("api/v1/runs", "--port", "0", "--host", "0.0.0.0")).isIn(401, 403);
  }

  @Test
  void anAddressThatCannotBeHadIsNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      VerbRun result = VerbRun.of(serve("--port", port));

      assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
      assertThat(result.err()).contains("cannot be served on 127.0.0.1, port " + port);
    }
    assertThat(VerbRun.of(serve("--port", "99999")).code()).isEqualTo(ExitCodes.USAGE);
  }

  @Test
  void aDatabaseThatIsNotThereIsNamed() {
    VerbRun result =
        VerbRun.of("serve", "--port", "0", "--db", directory.resolve("none.db").toString());

    assertThat(result.code()).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(result.err()).contains("There is no database at");
  }
}
