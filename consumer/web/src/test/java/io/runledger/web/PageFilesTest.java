package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of the page, and what surrounds them. */
class PageFilesTest extends OpenServer {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/runs",
        "/runs/0123456789abc",
        "/compare?run=a",
        "/groups",
        "/errors",
        "/jobs",
        "/health"
      })
  void eachAddressOfAViewIsThePage(String path) {
    HttpResponse<String> answer = get(path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("<title>Runledger</title>");
  }

  @Test
  void anAddressThatIsNotThereIsThePageForABrowserAndAProblemForAProgram() {
    HttpResponse<String> browser = accepting("text/html,*/*;q=0.8", "/nothing/here");
    HttpResponse<String> program = accepting("*/*", "/nothing/here");
    HttpResponse<String> api = accepting("text/html,*/*;q=0.8", "/api/v1/nothing");

    assertThat(browser.statusCode()).isEqualTo(404);
    assertThat(browser.body()).contains("<title>Runledger</title>");
    assertThat(program.statusCode()).isEqualTo(404);
    assertThat(program.body()).startsWith("{");
    assertThat(api.body()).startsWith("{");
  }

  private HttpResponse<String> accepting(String types, String path) {
    return send(HttpRequest.newBuilder(uri(path)).header("Accept", types).build());
  }

  @Test
  void eachFileThatTheDocumentNamesIsKeptForGoodByABrowser() {
    Matcher files = Pattern.compile("\"(/assets/[^\"]+)\"").matcher(get("/runs").body());
    int found = 0;
    while (files.find()) {
      HttpResponse<String> file = get(files.group(1));
      assertThat(file.statusCode()).as(files.group(1)).isEqualTo(200);
      assertThat(file.headers().firstValue("Cache-Control").orElseThrow()).contains("immutable");
      found++;
    }

    assertThat(found).isGreaterThan(20);
  }

  @Test
  void aFileOfAnotherVersionOfThePageIsTheOneOfThisAndIsNotKept() {
    HttpResponse<String> answer = get("/assets/0123456789abcdef/vendor/uPlot.esm.js");

    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("text/javascript; charset=utf-8");
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-cache");
    assertThat(answer.body()).contains("uPlot");
  }

  @Test
  void theDocumentOfAViewNamesTheModulesAndTheDataThatItNeeds() {
    assertThat(get("/runs").body())
        .contains("runs.js\"", "table.js\"", "href=\"/api/v1/names?kind=metric")
        .doesNotContain("uPlot.esm.js", "health.js");
    assertThat(get("/runs?columns=id").body()).doesNotContain("as=\"fetch\"");
    assertThat(get("/runs/0123456789abc").body())
        .contains("run.js\"", "uPlot.esm.js\"", "href=\"/api/v1/runs/0123456789abc\"");
    assertThat(get("/compare?run=a&run=b").body())
        .contains("href=\"/api/v1/compare?run=a&amp;run=b\"");
    assertThat(get("/compare?run=%22%3E%3Cscript%3E").body()).doesNotContain("<script>");
  }

  @Test
  void allScriptsTogetherAreSmallerThan250KilobytesCompressed() {
    assertThat(new PageAssets().bytesOfScripts()).isBetween(50_000L, 250_000L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/none.js",
        "/assets/x/none.js",
        "/assets/x/index.html",
        "/assets/x/../WebServer.class",
        "/assets/x/%2e%2e/WebServer.class",
        "/assets/x/vendor/..%2f..%2fx.js",
        "/assets/app.js",
        "/assets/x//app.js"
      })
  void nothingElseOfTheClassPathIsServed(String path) {
    assertThat(get(path).statusCode()).isIn(400, 404);
  }

  @Test
  void aBrowserRunsOnlyTheScriptsOfThePage() {
    for (String path :
        new String[] {"/", "/api/v1/runs", "/none.js", "/assets/x/vendor/uPlot.min.css"}) {
      var headers = get(path).headers();

      assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(headers.firstValue("Server")).isEmpty();
    }
  }
}
