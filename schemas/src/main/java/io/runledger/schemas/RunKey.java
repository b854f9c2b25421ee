package io.runledger.schemas;

import io.runledger.schemas.event.RunKeyParts;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Names one experiment by six parts, any of which may be absent; two absent parts are equal.
 *
 * <p>Parts are compared as they are: no trimming, no case folding, no Unicode normalization. An
 * unpaired surrogate counts as U+FFFD, because it has no UTF-8 form. Immutable.
 *
 * @param experiment experiment, often a number
 * @param dataset data set
 * @param method method or model
 * @param subject subject or split
 * @param clInfo continual-learning or other stage information
 * @param seed random seed
 */
public record RunKey(
    Optional<String> experiment,
    Optional<String> dataset,
    Optional<String> method,
    Optional<String> subject,
    Optional<String> clInfo,
    OptionalLong seed) {

  /** What its parts are called in flags, settings, lines and columns, in their order. */
  public static final List<String> PART_NAMES =
      List.of("experiment", "dataset", "method", "subject", "cl_info", "seed");

  private static final byte ABSENT = 0;
  private static final byte TEXT = 1;
  private static final byte NUMBER = 2;

  public RunKey {
    experiment = experiment.map(WellFormedText::of);
    dataset = dataset.map(WellFormedText::of);
    method = method.map(WellFormedText::of);
    subject = subject.map(WellFormedText::of);
    clInfo = clInfo.map(WellFormedText::of);
    if (Stream.of(experiment, dataset, method, subject, clInfo).allMatch(Optional::isEmpty)
        && seed.isEmpty()) {
      throw new IllegalArgumentException(
          "A run key needs at least one of experiment, dataset, method, subject, cl_info and seed;"
              + " name the run by project and run name if it has none of them.");
    }
  }

  /**
   * The key with an experiment alone, to which further parts can be added.
   *
   * <pre>{@code
   * RunKey.experiment("7").dataset("mnist").seed(3)
   * }</pre>
   *
   * @throws IllegalArgumentException when it is null: a key without an experiment is made by {@link
   *     #of(String, String, String, String, String, Long)}
   */
  public static RunKey experiment(String experiment) {
    return of(experiment, null, null, null, null, null);
  }

  /** The key with this data set; null leaves it without one. */
  public RunKey dataset(String value) {
    return new RunKey(experiment, Optional.ofNullable(value), method, subject, clInfo, seed);
  }

  /** The key with this method or model; null leaves it without one. */
  public RunKey method(String value) {
    return new RunKey(experiment, dataset, Optional.ofNullable(value), subject, clInfo, seed);
  }

  /** The key with this subject or split; null leaves it without one. */
  public RunKey subject(String value) {
    return new RunKey(experiment, dataset, method, Optional.ofNullable(value), clInfo, seed);
  }

  /** The key with this continual-learning or other stage; null leaves it without one. */
  public RunKey clInfo(String value) {
    return new RunKey(experiment, dataset, method, subject, Optional.ofNullable(value), seed);
  }

  /** The key with this random seed. */
  public RunKey seed(long value) {
    return new RunKey(experiment, dataset, method, subject, clInfo, OptionalLong.of(value));
  }

  /**
   * The key with the given parts; null means an absent part.
   *
   * @throws IllegalArgumentException when all six are null
   */
  public static RunKey of(
      String experiment, String dataset, String method, String subject, String clInfo, Long seed) {
    return new RunKey(
        Optional.ofNullable(experiment),
        Optional.ofNullable(dataset),
        Optional.ofNullable(method),
        Optional.ofNullable(subject),
        Optional.ofNullable(clInfo),
        seed == null ? OptionalLong.empty() : OptionalLong.of(seed));
  }

  /**
   * The key as events carry it.
   *
   * @throws IllegalArgumentException when all six parts are absent
   */
  public static RunKey of(RunKeyParts parts) {
    return of(
        parts.getExperiment(),
        parts.getDataset(),
        parts.getMethod(),
        parts.getSubject(),
        parts.getClInfo(),
        parts.getSeed());
  }

  /** The key as events carry it. */
  public RunKeyParts parts() {
    return new RunKeyParts(
        experiment.orElse(null),
        dataset.orElse(null),
        method.orElse(null),
        subject.orElse(null),
        clInfo.orElse(null),
        seed.isPresent() ? seed.getAsLong() : null);
  }

  /** The name that people read when the run was given none: the parts, "-" for an absent one. */
  public String displayName() {
    String texts =
        Stream.of(experiment, dataset, method, subject, clInfo)
            .map(part -> part.orElse("-"))
            .collect(Collectors.joining("/"));
    return texts + "/" + (seed.isPresent() ? Long.toString(seed.getAsLong()) : "-");
  }

  /**
   * The bytes that {@link RunId#of(RunKey)} hashes: for each part in order a byte 0 when absent, or
   * a byte 1, the length in bytes (4 bytes, big-endian) and the UTF-8 bytes of a text, or a byte 2
   * and the 8 bytes (big-endian) of the seed.
   */
  public byte[] canonicalEncoding() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(96);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Optional<String> part : List.of(experiment, dataset, method, subject, clInfo)) {
        writeText(out, part);
      }
      if (seed.isPresent()) {
        out.writeByte(NUMBER);
        out.writeLong(seed.getAsLong());
      } else {
        out.writeByte(ABSENT);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory cannot fail.", e);
    }
    return bytes.toByteArray();
  }

  private static void writeText(DataOutputStream out, Optional<String> part) throws IOException {
    if (part.isEmpty()) {
      out.writeByte(ABSENT);
      return;
    }
    byte[] utf8 = part.get().getBytes(StandardCharsets.UTF_8);
    out.writeByte(TEXT);
    out.writeInt(utf8.length);
    out.write(utf8);
  }
}
