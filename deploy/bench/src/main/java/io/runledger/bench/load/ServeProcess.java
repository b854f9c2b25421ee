package io.runledger.bench.load;

import io.runledger.bench.figures.Numbers;
import io.runledger.bench.figures.Samples;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code runledger serve} or {@code up} as their users start them, and requests to their page. Not
 * thread-safe.
 */
public final class ServeProcess implements AutoCloseable {

  private static final Pattern ADDRESS = Pattern.compile("http://[0-9.]+:[0-9]+/");
  private static final int START_SECONDS = 180;
  private static final int END_SECONDS = 60;
  private static final int WARM_UP = 40;

  private final Process process;
  private final URI address;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private ServeProcess(Process process, URI address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts one on any free port, and returns when it listens.
   *
   * @param directory where its output and its own files go
   */
  public static ServeProcess start(Path launcher, Path directory, Path database)
      throws IOException, InterruptedException {
    return start(
        new ProcessBuilder(
            launcher.toString(), "serve", "--db", database.toString(), "--port", "0"),
        directory);
  }

  /**
   * Starts all of it, with a broker of its own, on any free ports, and returns when the page
   * listens.
   *
   * @param directory where its output and all data go
   */
  public static ServeProcess up(Path launcher, Path directory)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            launcher.toString(), "up", "--data", directory.resolve("data").toString());
    // What is set for the bench may name the ledger of somebody.
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("RUNLEDGER_") && !name.equals("RUNLEDGER_JAVA_OPTS"));
    builder.environment().put("RUNLEDGER_WEB_PORT", "0");
    builder.environment().put("RUNLEDGER_HEALTH_PORT", "0");
    return start(builder, directory);
  }

  private static ServeProcess start(ProcessBuilder builder, Path directory)
      throws IOException, InterruptedException {
    Path output = directory.resolve("serve.txt");
    builder.environment().put("HOME", directory.toString());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Process process = builder.start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (System.nanoTime() < deadline && process.isAlive()) {
      Matcher matcher = ADDRESS.matcher(Files.readString(output));
      if (matcher.find()) {
        return new ServeProcess(process, URI.create(matcher.group()));
      }
      Thread.sleep(50);
    }
    process.destroyForcibly();
    throw new BenchException(
        "%s did not start: %s".formatted(builder.command(), Files.readString(output)));
  }

  /** Where the page is. */
  public URI address() {
    return address;
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(address.resolve("/api/v1" + path))
        .header("Accept-Encoding", "gzip")
        .build();
  }

  /** Milliseconds until the whole answer is there. */
  public double millis(String path) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    check(path, client.send(request(path), BodyHandlers.ofByteArray()));
    return (System.nanoTime() - begun) / 1e6;
  }

  /** The median of some, one after the other. */
  public double median(String path, int times) throws IOException, InterruptedException {
    double[] millis = new double[times];
    for (int i = 0; i < times; i++) {
      millis[i] = millis(path);
    }
    return Numbers.median(millis);
  }

  /**
   * Milliseconds of each of many requests, counted from when it was due: one that has to wait for
   * others takes as long as its user waits.
   */
  public double[] atRate(String path, double perSecond, int requests)
      throws IOException, InterruptedException {
    for (int i = 0; i < WARM_UP; i++) {
      var unused = millis(path);
    }
    List<CompletableFuture<Double>> answers = new ArrayList<>();
    long begun = System.nanoTime();
    for (int i = 0; i < requests; i++) {
      long due = begun + (long) (i * 1e9 / perSecond);
      TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      answers.add(
          client
              .sendAsync(request(path), BodyHandlers.ofByteArray())
              .thenApply(
                  answer -> {
                    check(path, answer);
                    return (System.nanoTime() - due) / 1e6;
                  }));
    }
    try {
      return answers.stream().mapToDouble(CompletableFuture::join).toArray();
    } catch (CompletionException e) {
      throw new BenchException("A request failed: " + e.getCause());
    }
  }

  private static void check(String path, HttpResponse<byte[]> answer) {
    if (answer.statusCode() != 200) {
      throw new BenchException("%s was answered with %d.".formatted(path, answer.statusCode()));
    }
  }

  /**
   * Resident bytes of the server while so many listen for changes, each of whom has asked for
   * something first.
   */
  public long residentWithListeners(int listeners, String path)
      throws IOException, InterruptedException {
    List<InputStream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < listeners; i++) {
        var unused = millis(path);
        HttpResponse<InputStream> stream =
            client.send(request("/changes"), BodyHandlers.ofInputStream());
        if (stream.statusCode() != 200) {
          throw new BenchException("Listener %d was refused.".formatted(i + 1));
        }
        streams.add(stream.body());
      }
      return Samples.residentBytes(process.pid());
    } finally {
      for (InputStream stream : streams) {
        stream.close();
      }
    }
  }

  @Override
  public void close() {
    EndedProcess.end(process, END_SECONDS);
  }
}
