package io.runledger.http;

import java.io.IOException;

/**
 * A method and a path of HTTP that a room answers without knowing the server that is listening.
 *
 * @param method {@code GET}, {@code POST}, {@code PUT}, {@code PATCH} or {@code DELETE}
 * @param path begins with a slash; {@code {name}} takes one part of the address, and {@code <name>}
 *     the rest of it
 * @param handler answers the requests; called by several threads at once
 */
public record Route(String method, String path, Handler handler) {

  /** Answers a request. */
  public interface Handler {

    /**
     * The answer to a request.
     *
     * @throws IOException when the answer cannot be given because of files or connections
     * @throws InterruptedException when the server is stopped meanwhile
     */
    Reply answer(Call call) throws IOException, InterruptedException;
  }
}
