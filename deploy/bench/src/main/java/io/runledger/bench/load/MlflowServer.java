package io.runledger.bench.load;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * MLflow's own server as its users start it, with SQLite in an empty directory. Not thread-safe.
 */
public final class MlflowServer implements AutoCloseable {

  private static final String PROGRAM = "mlflow";

  /** Its first start imports for a while, and creates some dozen tables. */
  private static final int START_SECONDS = 180;

  private static final int END_SECONDS = 30;

  private final Process process;
  private final URI address;

  private MlflowServer(Process process, URI address) {
    this.process = process;
    this.address = address;
  }

  /**
   * The program: the one that is named, or what a shell finds.
   *
   * @throws BenchException when there is none
   */
  public static Path program(Optional<Path> named) {
    if (named.isPresent()) {
      Path program = named.get().toAbsolutePath();
      if (!Files.isExecutable(program)) {
        throw new BenchException(
            "There is no program %s; --mlflow names the mlflow of a Python environment.%s"
                .formatted(program, howToInstall()));
      }
      return program;
    }
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of(path.split(File.pathSeparator))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new BenchException(
                    "gateway measures next to MLflow's own server, and no program mlflow is on the PATH."
                        + howToInstall()));
  }

  private static String howToInstall() {
    return " Install it with 'python3 -m venv DIR && DIR/bin/pip install mlflow', and name it with --mlflow DIR/bin/mlflow.";
  }

  /**
   * Starts one on a free port of this machine, and returns when it answers.
   *
   * @param directory an empty one, for its database, its files and its output
   */
  public static MlflowServer start(Path program, Path directory)
      throws IOException, InterruptedException {
    int port = freePort();
    Path output = directory.resolve("mlflow.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
            program.toString(),
            "server",
            "--host=127.0.0.1",
            "--port=" + port,
            "--backend-store-uri=sqlite:///" + directory.resolve("runs.db"),
            "--artifacts-destination=" + directory.resolve("artifacts"));
    builder.directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("MLFLOW_"));
    builder.environment().put("HOME", directory.toString());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Process process = builder.start();
    MlflowServer server =
        new MlflowServer(process, URI.create("http://127.0.0.1:%d/".formatted(port)));
    try {
      server.awaitAnswer(output);
      return server;
    } catch (IOException | InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void awaitAnswer(Path output) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("health")).timeout(Duration.ofSeconds(10)).build();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (System.nanoTime() < deadline && process.isAlive()) {
      try {
        if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // It does not listen yet; whether it ever does, the deadline decides.
      }
      Thread.sleep(200);
    }
    throw new BenchException("mlflow server did not start: " + Files.readString(output));
  }

  /** Where it listens. */
  public URI address() {
    return address;
  }

  /** Ends it with the processes that it started. */
  @Override
  public void close() {
    List<ProcessHandle> others = process.descendants().toList();
    EndedProcess.end(process, END_SECONDS);
    others.forEach(ProcessHandle::destroyForcibly);
  }
}
