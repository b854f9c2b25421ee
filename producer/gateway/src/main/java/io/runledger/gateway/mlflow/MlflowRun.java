package io.runledger.gateway.mlflow;

import io.runledger.schemas.RunId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A run in MLflow's words.
 *
 * @param id its id
 * @param attempt the attempt that calls add to
 * @param experiment the name of its experiment, which is its project
 * @param name its name
 * @param status RUNNING, SCHEDULED, FINISHED, FAILED or KILLED
 * @param startMillis when it began, in milliseconds since 1970
 * @param endMillis when it ended; empty while it goes on
 * @param isDeleted whether it is hidden
 * @param parameters its parameters by name
 * @param tags its tags by name, without its name
 */
public record MlflowRun(
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

  /** The tag with the user. */
  public static final String USER_TAG = "mlflow.user";

  /** The tag that is the name. */
  public static final String NAME_TAG = "mlflow.runName";

  /** The tag that is the notes. */
  public static final String NOTE_TAG = "mlflow.note.content";

  public MlflowRun {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
  }

  /** The same in another place of its life. */
  MlflowRun with(String newStatus, OptionalLong newEnd, String newName) {
    return new MlflowRun(
        id,
        attempt,
        experiment,
        newName,
        newStatus,
        startMillis,
        newEnd,
        isDeleted,
        parameters,
        tags);
  }
}
