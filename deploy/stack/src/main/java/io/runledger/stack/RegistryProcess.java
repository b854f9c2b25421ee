package io.runledger.stack;

import io.runledger.http.ServedHosts;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * The schema registry, with its data in a file: a registry that forgets its ids makes the topics
 * unreadable.
 *
 * @param child its process
 * @param port its HTTP port
 * @param mark what its answers carry, which distinguishes it from another registry on that port
 * @param log its output
 */
record RegistryProcess(ChildProcess child, int port, String mark, Path log) implements Server {

  private static final String MARK = "X-Runledger-Stack";

  private static final Duration ANSWER = Duration.ofSeconds(5);

  private static final String RUNNER = "apicurio-registry-app-3.0.9-runner.jar";

  /** Starts it on the data that {@link RegistryData} keeps. */
  static RegistryProcess start(Installation installation, Path directory, int port)
      throws IOException {
    RegistryData data = new RegistryData(directory);
    data.removeUnfinished(installation);
    String mark = UUID.randomUUID().toString();
    Path log = directory.resolve("log").resolve("registry.log");
    List<String> command =
        installation.java(
            directory,
            List.of(
                "-Xmx256m",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                // A page on another port of this host, such as a notebook, counts as foreign, too.
                "-Dquarkus.http.cors.origins=http://127.0.0.1:" + port,
                "-Dquarkus.http.header.\"" + MARK + "\".value=" + mark,
                "-Dquarkus.log.level=WARN",
                "-Dapicurio.storage.kind=sql",
                "-Dapicurio.storage.sql.kind=h2",
                "-Dapicurio.datasource.url=jdbc:h2:file:"
                    + data.database()
                    // An id that was handed out must survive a SIGKILL: the topics already use it.
                    + ";WRITE_DELAY=0",
                "-Dapicurio.datasource.jdbc.initial-size=2",
                "-Dapicurio.datasource.jdbc.min-size=2",
                "-Dapicurio.datasource.jdbc.max-size=10"),
            Installation.classesOf(ServedHosts.class)
                + File.pathSeparator
                + installation.registry().resolve("patches").resolve("*")
                + File.pathSeparator
                + installation.registry().resolve(RUNNER),
            RegistryMain.class.getName());
    return new RegistryProcess(ChildProcess.start(command, log), port, mark, log);
  }

  String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  @Override
  public void awaitReady() {
    Readiness.await("registry's port", child, log, () -> Readiness.accepts(port));
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    Readiness.await("registry", child, log, () -> isOurs(client));
    Readiness.await("registry's check of the host name", child, log, this::refusesOtherHosts);
  }

  private boolean refusesOtherHosts() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) ANSWER.toMillis());
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: elsewhere.invalid\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String status = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      return status.equals("HTTP/1.1 403");
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Another stack that is started at the same moment may have taken the port before us. */
  private boolean isOurs(HttpClient client) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/subjects")).timeout(ANSWER).build();
    try {
      HttpResponse<Void> answer = client.send(request, HttpResponse.BodyHandlers.discarding());
      return answer.statusCode() == 200
          && answer.headers().firstValue(MARK).filter(mark::equals).isPresent();
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
