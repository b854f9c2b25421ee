package io.runledger.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * The answer to a {@link Call}.
 *
 * @param status of HTTP
 * @param type of the content, such as {@code application/json}
 * @param headers further ones, by name
 * @param content opens the content; called once, and its stream is closed by who sends it
 */
public record Reply(int status, String type, Map<String, String> headers, Content content) {

  /** What is sent. */
  public interface Content {
    InputStream open() throws IOException;
  }

  public Reply {
    headers = Map.copyOf(headers);
  }

  /** An answer whose content is in memory. */
  public static Reply of(int status, String type, byte[] bytes) {
    return new Reply(status, type, Map.of(), () -> new ByteArrayInputStream(bytes));
  }

  /** The same with a further header. */
  public Reply with(String name, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(name, value);
    return new Reply(status, type, more, content);
  }
}
