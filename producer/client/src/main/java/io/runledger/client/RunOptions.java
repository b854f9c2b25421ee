package io.runledger.client;

import io.runledger.schemas.RunKey;
import io.runledger.spool.values.PlainValues;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * How a run is named and what is known of it at its start. Immutable.
 *
 * @param key the run key; empty for a run named by project and name
 * @param project project of the run, if it has one
 * @param name name that people read, if it was given one
 * @param config configuration; any values that have a JSON form
 * @param notes free text
 * @param tags tags
 * @param resumedFromStep first step that this attempt computes again, when it resumes an earlier
 *     one
 * @param instance for a run without a key: what distinguishes it from others; empty for a new one
 * @param command program that runs; empty for this process's own
 */
public record RunOptions(
    Optional<RunKey> key,
    Optional<String> project,
    Optional<String> name,
    Map<String, ?> config,
    Optional<String> notes,
    List<String> tags,
    OptionalLong resumedFromStep,
    Optional<UUID> instance,
    Optional<String> command) {

  private static final String NOT_NAMED = "(none)";

  /** Treats null as absent; a run with neither key nor name is called (none). */
  public RunOptions {
    key = orEmpty(key);
    boolean isNamed = key.isPresent();
    project = isNamed ? orEmpty(project) : orEmpty(project).or(() -> Optional.of(NOT_NAMED));
    name = isNamed ? orEmpty(name) : orEmpty(name).or(() -> Optional.of(NOT_NAMED));
    config = PlainValues.of(config);
    notes = orEmpty(notes);
    tags = PlainValues.texts(tags);
    resumedFromStep = resumedFromStep == null ? OptionalLong.empty() : resumedFromStep;
    instance = orEmpty(instance);
    command = orEmpty(command);
  }

  private static <T> Optional<T> orEmpty(Optional<T> value) {
    return value == null ? Optional.empty() : value;
  }

  /** A run named by its key. */
  public static Builder builder(RunKey key) {
    return new Builder(Optional.ofNullable(key), Optional.empty(), Optional.empty());
  }

  /** A run named by project and run name: a new one each time. */
  public static Builder builder(String project, String name) {
    return new Builder(Optional.empty(), Optional.ofNullable(project), Optional.ofNullable(name));
  }

  /** Builds the options. Not thread-safe. */
  public static final class Builder {
    private final Optional<RunKey> key;
    private Optional<String> project;
    private Optional<String> name;
    private Map<String, ?> config = Map.of();
    private Optional<String> notes = Optional.empty();
    private List<String> tags = List.of();
    private OptionalLong resumedFromStep = OptionalLong.empty();
    private Optional<UUID> instance = Optional.empty();
    private Optional<String> command = Optional.empty();

    private Builder(Optional<RunKey> key, Optional<String> project, Optional<String> name) {
      this.key = key;
      this.project = project;
      this.name = name;
    }

    /** The project of the run; null is none. */
    public Builder project(String value) {
      project = Optional.ofNullable(value);
      return this;
    }

    /** The name that people read and find it by; null is none. */
    public Builder name(String value) {
      name = Optional.ofNullable(value);
      return this;
    }

    /**
     * The configuration, of which a copy is made: any values that have a JSON form; null is none.
     * What looks like a secret is masked, and more than {@code config.max.bytes} is cut.
     */
    public Builder config(Map<String, ?> value) {
      config = PlainValues.of(value);
      return this;
    }

    /** Free text; null is none. */
    public Builder notes(String value) {
      notes = Optional.ofNullable(value);
      return this;
    }

    /** Tags; null is none, and a null among them is left out. */
    public Builder tags(List<String> value) {
      tags = PlainValues.texts(value);
      return this;
    }

    /** Points of earlier attempts from this step on are superseded by this attempt's. */
    public Builder resumedFromStep(long value) {
      resumedFromStep = OptionalLong.of(value);
      return this;
    }

    /** Continues the run without a key that has this instance, instead of a new one. */
    public Builder instance(UUID value) {
      instance = Optional.ofNullable(value);
      return this;
    }

    /** The program that runs, without its arguments: they may hold secrets. */
    public Builder command(String value) {
      command = Optional.ofNullable(value);
      return this;
    }

    /** The options as they are now; what was not given is absent. Never throws. */
    public RunOptions build() {
      return new RunOptions(
          key, project, name, config, notes, tags, resumedFromStep, instance, command);
    }
  }
}
