package io.runledger.web;

import io.runledger.web.live.ChangeRoutes;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Answers HEAD as GET, but for the body, which the server leaves out: the status and the headers
 * are those that GET would have (RFC 9110, section 9.3.2).
 */
final class HeadRequests extends HttpFilter {

  private static final long serialVersionUID = 1L;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    // A stream has no end, and so no length to say.
    boolean isHead =
        request.getMethod().equals("HEAD") && !request.getRequestURI().equals(ChangeRoutes.PATH);
    chain.doFilter(isHead ? new AsGet(request) : request, response);
  }

  private static final class AsGet extends HttpServletRequestWrapper {

    AsGet(HttpServletRequest request) {
      super(request);
    }

    @Override
    public String getMethod() {
      return "GET";
    }
  }
}
