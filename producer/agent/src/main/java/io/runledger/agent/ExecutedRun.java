package io.runledger.agent;

import io.runledger.client.RunOptions;
import io.runledger.schemas.RunKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Which run a wrapped command is, by its flags or by its environment. */
final class ExecutedRun {

  private ExecutedRun() {}

  /**
   * Names the run: by the parts of a run key that were given, else by project and name, else by the
   * SLURM job's name or the program's.
   *
   * @param parts experiment, dataset, method, subject, cl_info, seed, project, name, as flags and
   *     environment have them
   * @throws IllegalArgumentException when the seed is not a number
   */
  static RunOptions.Builder of(
      Map<String, String> parts, List<String> command, Map<String, String> environment) {
    String program = Path.of(command.get(0)).getFileName().toString();
    boolean hasKey = RunKey.PART_NAMES.stream().anyMatch(parts::containsKey);
    RunOptions.Builder builder;
    if (hasKey) {
      builder =
          RunOptions.builder(
              RunKey.of(
                  parts.get("experiment"),
                  parts.get("dataset"),
                  parts.get("method"),
                  parts.get("subject"),
                  parts.get("cl_info"),
                  parts.containsKey("seed") ? seed(parts.get("seed")) : null));
      Optional.ofNullable(parts.get("project")).ifPresent(builder::project);
      Optional.ofNullable(parts.get("name")).ifPresent(builder::name);
    } else {
      String project = parts.getOrDefault("project", "default");
      String name = parts.getOrDefault("name", environment.getOrDefault("SLURM_JOB_NAME", program));
      builder = RunOptions.builder(project, name);
      slurmInstance(project, name, environment).ifPresent(builder::instance);
    }
    return builder.command(program);
  }

  /** Whether the run was given a name, that is, any part of one. */
  static boolean isNamed(Map<String, String> parts) {
    return !parts.isEmpty();
  }

  private static long seed(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("The seed must be a whole number, not '" + text + "'.", e);
    }
  }

  /** A job that is requeued keeps its id, so it continues with the run that it began. */
  private static Optional<UUID> slurmInstance(
      String project, String name, Map<String, String> environment) {
    String job = environment.get("SLURM_JOB_ID");
    if (job == null) {
      return Optional.empty();
    }
    String text =
        String.join(
            "\n",
            "runledger.slurm.v1",
            environment.getOrDefault("SLURM_CLUSTER_NAME", ""),
            job,
            environment.getOrDefault("SLURM_STEP_ID", ""),
            environment.getOrDefault("SLURM_PROCID", ""),
            project,
            name);
    return Optional.of(UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)));
  }
}
