package io.runledger.http;

import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** A request of HTTP, as far as a {@link Route} looks at it. For the thread that answers it. */
public interface Call {

  /** What the path of the route left open, decoded; empty text where there is no such name. */
  String variable(String name);

  /** The values of a parameter of the query, decoded, in their order. */
  List<String> parameters(String name);

  /** The value of a header, of which upper and lower case of the name are equal. */
  Optional<String> header(String name);

  /** The body as it is sent, which may never end; reading it may wait for its sender. */
  InputStream body();

  /** The first value of a parameter that is not empty. */
  default Optional<String> parameter(String name) {
    return parameters(name).stream().filter(value -> !value.isEmpty()).findFirst();
  }
}
