package io.runledger.web.door;

import io.runledger.schemas.RunId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a door has accepted and the database may not have yet: who was told that it is stored reads
 * it at once. Thread-safe.
 */
public interface Accepted {

  /**
   * The number of the last event of a stream that was accepted.
   *
   * @param attempt the attempt
   * @param writer the writer
   * @param topic the name of the topic without its prefix, such as {@code runledger.runs}
   * @param seq its number
   */
  record Mark(long attempt, long writer, String topic, long seq) {}

  /**
   * A run as far as the calls say.
   *
   * @param id its id
   * @param attempt the attempt that calls add to
   * @param experiment the name of its experiment, which is its project
   * @param name its name
   * @param status RUNNING, SCHEDULED, FINISHED, FAILED or KILLED
   * @param startMillis when it began, in milliseconds since 1970
   * @param endMillis when it ended
   * @param isDeleted whether it is hidden
   * @param parameters its parameters by name
   * @param tags its tags by name, without its name
   */
  record AcceptedRun(
      RunId id,
      long attempt,
      String experiment,
      String name,
      String status,
      long startMillis,
      OptionalLong endMillis,
      boolean isDeleted,
      Map<String, String> parameters,
      Map<String, String> tags) {

    public AcceptedRun {
      parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
      tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    }
  }

  /**
   * An experiment, which is a project.
   *
   * @param name the name of the project
   * @param createdMillis when it was created, in milliseconds since 1970
   * @param updatedMillis when it was changed last
   * @param isDeleted whether it is hidden
   * @param tags its tags by name
   */
  record Experiment(
      String name,
      long createdMillis,
      long updatedMillis,
      boolean isDeleted,
      Map<String, String> tags) {

    public Experiment {
      tags = Map.copyOf(tags);
    }
  }

  /** A run that it remembers; empty for one that it has not seen lately. */
  Optional<AcceptedRun> run(RunId run);

  /** What must have come before the database is up to date with a run; empty when nothing must. */
  List<Mark> awaited(RunId run);

  /** The same of all runs that changed lately. */
  Map<RunId, List<Mark>> awaited();

  /** The database has what was {@link #awaited} of a run up to these marks. */
  void arrived(RunId run, List<Mark> marks);

  /** The experiments that were created or changed here, in the order of their creation. */
  List<Experiment> experiments();
}
