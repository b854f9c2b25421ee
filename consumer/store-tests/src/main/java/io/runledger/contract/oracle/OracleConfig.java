package io.runledger.contract.oracle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.schemas.event.RunStarted;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the starts of an attempt say together of its configuration, for {@link Oracle}. */
public final class OracleConfig {

  private static final ObjectMapper JSON = new ObjectMapper();

  private OracleConfig() {}

  /** The starts that bring any, the weakest word first. */
  public static List<RunStarted> said(Collection<RunStarted> inOrder) {
    return inOrder.stream()
        .filter(start -> start.getConfig() != null)
        .filter(
            start ->
                !start.getConfig().equals("{}")
                    || start.getConfigTruncatedBytes() != 0
                    || start.getConfigSha256() != null)
        .toList();
  }

  /** All of them in one, the later over the earlier; null for none. */
  public static String together(List<RunStarted> said) {
    if (said.size() < 2) {
      return said.isEmpty() ? null : said.get(0).getConfig();
    }
    Map<String, Object> all = new LinkedHashMap<>();
    said.forEach(start -> put(all, parsed(start.getConfig())));
    try {
      return JSON.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether one of them says something else of a key than one before it. */
  public static boolean differs(List<RunStarted> said) {
    Map<String, Object> all = new LinkedHashMap<>();
    boolean differs = false;
    for (RunStarted start : said) {
      differs |= put(all, parsed(start.getConfig()));
    }
    return said.size() > 1 && differs;
  }

  @SuppressWarnings("unchecked")
  private static boolean put(Map<String, Object> all, Map<String, Object> more) {
    boolean differs = false;
    for (Map.Entry<String, Object> entry : more.entrySet()) {
      Object known = all.get(entry.getKey());
      if (known instanceof Map<?, ?> && entry.getValue() instanceof Map<?, ?>) {
        differs |= put((Map<String, Object>) known, (Map<String, Object>) entry.getValue());
      } else {
        differs |= known != null && !isSame(known, entry.getValue());
        all.put(entry.getKey(), entry.getValue());
      }
    }
    return differs;
  }

  /** A number may be written as a text. */
  private static boolean isSame(Object known, Object said) {
    if (said == null || known instanceof Map<?, ?> || said instanceof Map<?, ?>) {
      return known.equals(said);
    }
    try {
      return new BigDecimal(known.toString()).compareTo(new BigDecimal(said.toString())) == 0;
    } catch (NumberFormatException words) {
      return known.toString().equals(said.toString());
    }
  }

  private static Map<String, Object> parsed(String json) {
    try {
      return JSON.readValue(json, new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("The oracle supports only objects, not " + json, e);
    }
  }
}
