package io.runledger.web;

import io.runledger.schemas.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * The files that the page's document leads to, read and compressed once. No other file of the class
 * path is one. Their addresses have a digest of all of them, so that a browser may keep each for
 * good. Immutable.
 */
final class PageAssets {

  /** How the document and this class name the directory of all files. */
  static final String DIRECTORY = "/assets/";

  private static final String PAGE = "/io/runledger/web/page/";
  private static final String INDEX = "index.html";

  /** Below this name are the files of the library, which has no other version here. */
  private static final String VENDOR = "vendor/";

  private static final String UPLOT = "org.webjars.npm/uplot";

  private static final Pattern IN_DOCUMENT = Pattern.compile("\"/assets/([\\w./-]+)\"");
  private static final Pattern IMPORT =
      Pattern.compile("(?:\\bfrom|\\bimport) ?\\(?\"\\./([\\w./-]+)\"");
  private static final Pattern STATIC_IMPORT =
      Pattern.compile("^(?:import .*|\\} )from \"\\./([\\w./-]+)\";$", Pattern.MULTILINE);

  private static final Map<String, String> TYPES =
      Map.of(
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  /** One file, plain and as gzip. */
  static final class Asset {

    final String type;
    final byte[] bytes;
    final byte[] compressed;

    private Asset(String type, byte[] bytes) {
      this.type = type;
      this.bytes = bytes;
      this.compressed = compressed(bytes);
    }
  }

  private final String vendor;
  private final String document;
  private final Map<String, Asset> all = new TreeMap<>();
  private final String version;

  PageAssets() {
    vendor = "/META-INF/resources/webjars/uplot/" + Libraries.version(UPLOT) + "/dist/";
    document = text(bytes(PAGE + INDEX));
    Deque<String> found = new ArrayDeque<>(names(IN_DOCUMENT, document));
    while (!found.isEmpty()) {
      String name = found.remove();
      if (!all.containsKey(name)) {
        byte[] content = bytes(name.startsWith(VENDOR) ? vendorFile(name) : PAGE + name);
        all.put(name, new Asset(type(name), content));
        if (name.endsWith(".js") && !name.startsWith(VENDOR)) {
          found.addAll(names(IMPORT, text(content)));
        }
      }
    }
    version = digest();
  }

  private String vendorFile(String name) {
    return vendor + name.substring(VENDOR.length());
  }

  private static String type(String name) {
    return TYPES.get(name.substring(name.lastIndexOf('.') + 1));
  }

  private static Set<String> names(Pattern pattern, String text) {
    Set<String> names = new LinkedHashSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  /** The document, whose files have their lasting addresses. */
  String document() {
    return document.replace(DIRECTORY, DIRECTORY + version + "/");
  }

  /** The address of a file that a browser may keep for good. */
  String address(String name) {
    return DIRECTORY + version + "/" + name;
  }

  boolean isCurrent(String version) {
    return this.version.equals(version);
  }

  Optional<Asset> find(String name) {
    return Optional.ofNullable(all.get(name));
  }

  /** Compressed size of all scripts, libraries included. */
  long bytesOfScripts() {
    return all.entrySet().stream()
        .filter(file -> file.getKey().endsWith(".js"))
        .mapToLong(file -> file.getValue().compressed.length)
        .sum();
  }

  /** A module, and all that it cannot start without. */
  Set<String> withImports(String module) {
    Set<String> closure = new LinkedHashSet<>();
    Deque<String> found = new ArrayDeque<>(Set.of(module));
    while (!found.isEmpty()) {
      String name = found.remove();
      Asset asset = all.get(name);
      if (asset != null && closure.add(name) && !name.startsWith(VENDOR)) {
        found.addAll(names(STATIC_IMPORT, text(asset.bytes)));
      }
    }
    return closure;
  }

  private String digest() {
    MessageDigest digest = Sha256.begin();
    all.forEach(
        (name, asset) -> {
          digest.update(name.getBytes(StandardCharsets.UTF_8));
          digest.update(asset.bytes);
        });
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static byte[] bytes(String resource) {
    try (InputStream in = open(resource)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("The file " + resource + " cannot be read.", e);
    }
  }

  private static InputStream open(String resource) {
    InputStream in = PageAssets.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IllegalStateException(
          "This installation lacks the file %s of the page; reinstall it.".formatted(resource));
    }
    return in;
  }

  private static byte[] compressed(byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
