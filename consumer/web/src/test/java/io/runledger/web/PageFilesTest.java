package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
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
  void theLibraryOfCurvesIsServedWithoutAVersionInItsAddress() {
    HttpResponse<String> answer = get("/vendor/uPlot.esm.js");

    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("text/javascript; charset=utf-8");
    assertThat(answer.body()).contains("uPlot");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/none.js",
        "/WebServer.class",
        "/../WebServer.class",
        "/%2e%2e/WebServer.class",
        "/.js",
        "/vendor/..%2f..%2fx.js",
        "/index",
        "/a//b.js"
      })
  void nothingElseOfTheClassPathIsServed(String path) {
    assertThat(get(path).statusCode()).isIn(400, 404);
  }

  @Test
  void aBrowserRunsOnlyTheScriptsOfThePage() {
    for (String path : new String[] {"/", "/api/v1/runs", "/none.js", "/vendor/uPlot.min.css"}) {
      var headers = get(path).headers();

      assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(headers.firstValue("Server")).isEmpty();
    }
  }
}
