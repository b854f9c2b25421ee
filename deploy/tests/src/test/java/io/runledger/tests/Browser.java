package io.runledger.tests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/**
 * One tab of a real Chromium without a window, driven over its DevTools protocol. It keeps whatever
 * a page complains about: exceptions, errors of the console, violations of the security policy.
 */
final class Browser implements AutoCloseable {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  /** Starts one; the test is skipped where there is none. */
  static Browser start(Path scratch) throws IOException, InterruptedException {
    Path program =
        Stream.of(System.getenv("PATH").split(":", -1))
            .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    if (program == null) {
      System.err.println("PageIT IS SKIPPED: there is no Chromium; install the package chromium.");
      Assumptions.abort("There is no Chromium on the PATH.");
    }
    return new Browser(program, Files.createDirectories(scratch.resolve("browser")));
  }

  private Browser(Path program, Path profile) throws IOException, InterruptedException {
    process =
        Distribution.started(
            new ProcessBuilder(
                    program.toString(),
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--no-first-run",
                    "--hide-scrollbars",
                    "--window-size=1400,900",
                    "--remote-debugging-port=0",
                    "--user-data-dir=" + profile,
                    "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("output.txt").toFile()));
    Path ports = profile.resolve("DevToolsActivePort");
    Awaitility.await("Chromium")
        .atMost(DEADLINE)
        .until(() -> Distribution.text(ports).lines().count() >= 2);
    String port = Distribution.text(ports).lines().findFirst().orElseThrow();
    HttpClient client = HttpClient.newHttpClient();
    URI list = URI.create("http://127.0.0.1:" + port + "/json/list");
    String[] tab = new String[1];
    Awaitility.await("a tab of Chromium")
        .atMost(DEADLINE)
        .until(
            () -> {
              String tabs =
                  client.send(HttpRequest.newBuilder(list).build(), BodyHandlers.ofString()).body();
              for (JsonNode one : MAPPER.readTree(tabs)) {
                if (one.path("type").asText().equals("page")) {
                  tab[0] = one.path("webSocketDebuggerUrl").asText();
                }
              }
              return tab[0] != null;
            });
    socket = client.newWebSocketBuilder().buildAsync(URI.create(tab[0]), new Messages()).join();
    call("Page.enable", Map.of());
    call("Runtime.enable", Map.of());
    call("Log.enable", Map.of());
  }

  /** Texts come in pieces; each whole one is an answer or an event. */
  private final class Messages implements WebSocket.Listener {

    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence piece, boolean last) {
      text.append(piece);
      if (last) {
        received(text.toString());
        text.setLength(0);
      }
      webSocket.request(1);
      return null;
    }
  }

  private void received(String text) {
    JsonNode message;
    try {
      message = MAPPER.readTree(text);
    } catch (IOException e) {
      throw new AssertionError("Chromium sent no JSON: " + text, e);
    }
    if (message.has("id")) {
      waiting.remove(message.path("id").intValue()).complete(message);
      return;
    }
    JsonNode parameters = message.path("params");
    switch (message.path("method").asText()) {
      case "Runtime.exceptionThrown" ->
          complaints.add(parameters.at("/exceptionDetails/exception/description").asText());
      case "Log.entryAdded" -> {
        if (parameters.at("/entry/level").asText().equals("error")) {
          complaints.add(
              parameters.at("/entry/text").asText() + " " + parameters.at("/entry/url").asText());
        }
      }
      case "Page.javascriptDialogOpening" ->
          complaints.add("A dialog was opened: " + parameters.path("message").asText());
      default -> {}
    }
  }

  private JsonNode call(String method, Map<String, ?> parameters) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    ObjectNode message = MAPPER.createObjectNode().put("id", id).put("method", method);
    message.set("params", MAPPER.valueToTree(parameters));
    socket.sendText(message.toString(), true).join();
    try {
      JsonNode result = answer.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      if (result.has("error")) {
        throw new AssertionError(method + ": " + result.path("error"));
      }
      return result.path("result");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(method + " was not answered.", e);
    }
  }

  void open(String url) {
    call("Page.navigate", Map.of("url", url));
  }

  /** The value of an expression of JavaScript. */
  JsonNode evaluate(String script) {
    JsonNode result =
        call(
            "Runtime.evaluate",
            Map.of("expression", script, "returnByValue", true, "awaitPromise", true));
    if (result.has("exceptionDetails")) {
      throw new AssertionError(script + ": " + result.path("exceptionDetails"));
    }
    return result.at("/result/value");
  }

  /** What a reader sees of the page. */
  String text() {
    return evaluate("document.body ? document.body.innerText : ''").asText();
  }

  /** Waits until the page shows a text. */
  void awaitText(String expected) {
    Awaitility.await("'" + expected + "' on the page")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () -> {
              String text = text();
              if (!text.contains(expected)) {
                throw new AssertionError("The page shows: " + text);
              }
            });
  }

  /** Waits until an expression of JavaScript is true. */
  void await(String script) {
    Awaitility.await(script)
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> evaluate(script).asBoolean());
  }

  void press(String key) {
    String text = key.length() == 1 ? key : key.equals("Enter") ? "\r" : "";
    int code = key.equals("Enter") ? 13 : 0;
    call(
        "Input.dispatchKeyEvent",
        Map.of("type", "keyDown", "key", key, "text", text, "windowsVirtualKeyCode", code));
    call("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key));
  }

  void type(String text) {
    call("Input.insertText", Map.of("text", text));
  }

  /** Clicks in the middle of the first element that a script finds. */
  void click(String element) {
    await("!!(" + element + ")");
    JsonNode at =
        evaluate(
            """
            (() => { const element = %s; element.scrollIntoView({block: "nearest"});
              const box = element.getBoundingClientRect();
              return [box.x + box.width / 2, box.y + box.height / 2]; })()"""
                .formatted(element));
    drag(at.get(0).asDouble(), at.get(1).asDouble(), 0);
  }

  /** Clicks the first button with this text. */
  void clickButton(String text) {
    click(
        "[...document.querySelectorAll('button')].find(one => one.textContent.trim() === '%s')"
            .formatted(text));
  }

  /** Presses the mouse at a place, and lets go so many pixels to the right of it. */
  void drag(double x, double y, double right) {
    mouse("mouseMoved", x, y, 0);
    mouse("mousePressed", x, y, 1);
    for (int i = 1; i <= 10 && right != 0; i++) {
      mouse("mouseMoved", x + right * i / 10, y, 1);
    }
    mouse("mouseReleased", x + right, y, 0);
  }

  private void mouse(String type, double x, double y, int buttons) {
    call(
        "Input.dispatchMouseEvent",
        Map.of(
            "type", type, "x", x, "y", y, "button", "left", "buttons", buttons, "clickCount", 1));
  }

  /** Forgets who was logged in. */
  void forget() {
    call("Network.clearBrowserCookies", Map.of());
  }

  void dark(boolean dark) {
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  void size(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  void screenshot(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(
        file,
        Base64.getDecoder().decode(call("Page.captureScreenshot", Map.of()).path("data").asText()));
  }

  /** What the pages complained about since the last call. */
  List<String> complaints() {
    List<String> all = List.copyOf(complaints);
    complaints.removeAll(all);
    return all;
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
