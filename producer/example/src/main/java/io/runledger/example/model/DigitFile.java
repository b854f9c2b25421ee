package io.runledger.example.model;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * A file of handwritten digits: a line an image, 64 grey values from 0 to 16 and then the label,
 * separated by commas; gzip or plain.
 *
 * @param name what the data is called in the run's configuration
 * @param sha256 hex digest of the file's bytes
 * @param images all images, in the file's order
 */
public record DigitFile(String name, String sha256, List<Image> images) {

  private static final String SHIPPED = "digits.csv.gz";
  private static final double WHITEST = 16.0;
  private static final int GZIP_FIRST = 0x1f;
  private static final int GZIP_SECOND = 0x8b;

  public DigitFile {
    images = List.copyOf(images);
  }

  /** The data set that ships with this module; digits.NOTICE.md next to it says whose it is. */
  public static DigitFile shipped() {
    try (InputStream in = DigitFile.class.getResourceAsStream(SHIPPED)) {
      if (in == null) {
        throw new IllegalStateException(
            "The resource " + SHIPPED + " is missing from the jar; rebuild producer/example.");
      }
      return parse("optdigits-test", in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + SHIPPED + " from the jar.", e);
    }
  }

  /**
   * Reads a file of the same layout.
   *
   * @throws IOException when it cannot be read
   * @throws IllegalArgumentException when a line is not 65 whole numbers
   */
  public static DigitFile read(Path file) throws IOException {
    return parse(file.getFileName().toString(), Files.readAllBytes(file));
  }

  private static DigitFile parse(String name, byte[] bytes) throws IOException {
    List<Image> images = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(unpacked(bytes), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        images.add(image(line, name, images.size() + 1));
      }
    }
    return new DigitFile(name, sha256(bytes), images);
  }

  private static InputStream unpacked(byte[] bytes) throws IOException {
    InputStream in = new ByteArrayInputStream(bytes);
    boolean gzip =
        bytes.length > 1
            && Byte.toUnsignedInt(bytes[0]) == GZIP_FIRST
            && Byte.toUnsignedInt(bytes[1]) == GZIP_SECOND;
    return gzip ? new GZIPInputStream(in) : in;
  }

  private static Image image(String line, String name, int lineNumber) {
    String[] fields = line.split(",", -1);
    if (fields.length != Image.PIXELS + 1) {
      throw new IllegalArgumentException(
          "Line %d of %s has %d fields, not 65: 64 grey values and the label."
              .formatted(lineNumber, name, fields.length));
    }
    try {
      double[] pixels = new double[Image.PIXELS];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = Integer.parseInt(fields[i]) / WHITEST;
      }
      return new Image(pixels, Integer.parseInt(fields[Image.PIXELS]));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Line %d of %s has a field that is not a whole number.".formatted(lineNumber, name), e);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
