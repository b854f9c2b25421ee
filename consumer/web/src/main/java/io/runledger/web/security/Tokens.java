package io.runledger.web.security;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.config.DatabaseLocation;
import io.runledger.files.PrivateFiles;
import io.runledger.query.format.Json;
import io.runledger.schemas.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tokens of one ledger, in a file next to the database that its owner alone can read. It has a
 * line of JSON for each token and for each one that was revoked, and no token, but the SHA-256 of
 * each: 256 random bits need no slower hash. Read again when the file has changed, so that what is
 * revoked ends at once. Thread-safe.
 */
public final class Tokens {

  /** The ledger that a URL names. */
  private static final Pattern SCHEMA = Pattern.compile("[?&]currentSchema=([^&]*)");

  private static final String PREFIX = "rl_";
  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * One of them, without itself.
   *
   * @param id what names it, for revoking
   * @param name whose it is, or what for
   * @param created when, to the second
   */
  public record Entry(String id, String name, Role role, String created) {}

  private record Hashed(Entry entry, String sha256) {}

  private final Path file;
  private Map<String, Hashed> known = Map.of();
  private Object readState = "";

  private Tokens(Path file) {
    this.file = file;
  }

  /** Those of a file, which are next to it. */
  public static Tokens of(Path database) {
    Path absolute = database.toAbsolutePath();
    return new Tokens(absolute.resolveSibling(absolute.getFileName() + ".tokens"));
  }

  /**
   * Those of any database.
   *
   * @param directory where those of a server are, under a name that is made of its address
   */
  public static Tokens of(DatabaseLocation database, Path directory) {
    if (database instanceof DatabaseLocation.File file) {
      return of(file.path());
    }
    String url = ((DatabaseLocation.Server) database).url();
    Matcher schema = SCHEMA.matcher(url);
    String address =
        url.replaceFirst("^jdbc:postgresql:/*", "").replaceFirst("\\?.*$", "")
            + "/"
            + (schema.find() ? schema.group(1) : "runledger");
    return new Tokens(directory.resolve(address.replaceAll("[^A-Za-z0-9._-]", "_") + ".tokens"));
  }

  /** Where they are. */
  public Path file() {
    return file;
  }

  /** Makes a token, which nobody can read again. */
  public synchronized String create(String name, Role role) throws IOException {
    byte[] random = new byte[BYTES];
    RANDOM.nextBytes(random);
    String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    String hash = HexFormat.of().formatHex(Sha256.of(token));
    append(
        Json.object()
            .put("id", hash.substring(0, 8))
            .put("name", name)
            .put("role", role.word())
            .put("created", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
            .put("sha256", hash));
    return token;
  }

  /** Ends a token; false when there is none of this id. */
  public synchronized boolean revoke(String id) throws IOException {
    if (!read().containsKey(id)) {
      return false;
    }
    append(Json.object().put("revoked", id));
    return true;
  }

  /** Those that are in force, the oldest first. */
  public synchronized List<Entry> list() throws IOException {
    return read().values().stream().map(Hashed::entry).toList();
  }

  /** What its bearer may do; empty when it is not a token, or not any more. */
  public synchronized Optional<Role> role(String token) throws IOException {
    byte[] hash = Sha256.of(token);
    return read().values().stream()
        .filter(known -> MessageDigest.isEqual(HexFormat.of().parseHex(known.sha256()), hash))
        .map(known -> known.entry().role())
        .findFirst();
  }

  private void append(JsonNode line) throws IOException {
    byte[] bytes =
        (new String(Json.bytes(line), StandardCharsets.UTF_8) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    // One write at the end of the file: two that are made at once are both kept.
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
            PrivateFiles.FILE)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    }
  }

  private Map<String, Hashed> read() throws IOException {
    if (!Files.exists(file)) {
      readState = "";
      known = Map.of();
      return known;
    }
    Object state = List.of(Files.size(file), Files.getLastModifiedTime(file));
    if (!state.equals(readState)) {
      Map<String, Hashed> read = new LinkedHashMap<>();
      for (String line : Files.readAllLines(file)) {
        JsonNode json = Json.parsed(line);
        if (json.has("revoked")) {
          read.remove(json.path("revoked").asText());
        } else if (json.has("sha256")) {
          read.put(json.path("id").asText(), hashed(json));
        }
      }
      known = read;
      readState = state;
    }
    return known;
  }

  private static Hashed hashed(JsonNode json) {
    Entry entry =
        new Entry(
            json.path("id").asText(),
            json.path("name").asText(),
            Role.ofWord(json.path("role").asText()).orElse(Role.READER),
            json.path("created").asText());
    return new Hashed(entry, json.path("sha256").asText());
  }
}
