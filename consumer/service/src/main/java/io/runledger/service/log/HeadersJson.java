package io.runledger.service.log;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** A record's headers as dead letters keep them: a JSON array of [name, value in base 64]. */
public final class HeadersJson {

  private HeadersJson() {}

  public static String of(Headers headers) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (Header header : headers) {
      ArrayNode one = all.addArray().add(header.key());
      if (header.value() == null) {
        one.addNull();
      } else {
        one.add(header.value());
      }
    }
    return all.toString();
  }
}
