package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The one-node SLURM of {@code deploy/slurm/cluster}, with the commands that a user has. */
final class SlurmCluster {

  private static final Path SCRIPT = Path.of("../slurm/cluster").toAbsolutePath().normalize();

  private final Path scratch;
  private final Path directory;

  private SlurmCluster(Path scratch, Path directory) {
    this.scratch = scratch;
    this.directory = directory;
  }

  /** Starts it; {@code completions} is where slurmctld posts jobs that ended. */
  static SlurmCluster up(Path scratch, Optional<String> completions) throws Exception {
    SlurmCluster cluster = new SlurmCluster(scratch, scratch.resolve("slurm"));
    List<String> words = new ArrayList<>(List.of("up", cluster.directory.toString()));
    completions.ifPresent(url -> words.addAll(List.of("--job-completion", url)));
    cluster.run(Map.of(), SCRIPT.toString(), words.toArray(String[]::new));
    return cluster;
  }

  /** Settings with which SLURM's commands find it. */
  Map<String, String> environment() {
    return environment(scratch);
  }

  /** The settings of the one that {@link #up} starts, which may not be there yet. */
  static Map<String, String> environment(Path scratch) {
    return Map.of("SLURM_CONF", scratch.resolve("slurm/slurm.conf").toString());
  }

  /** Submits a batch script; the job's id. */
  long submit(Map<String, String> environment, List<String> options, Path script, String... words)
      throws Exception {
    List<String> line = new ArrayList<>(List.of("--parsable", "--chdir=" + scratch));
    line.addAll(options);
    line.add(script.toString());
    line.addAll(List.of(words));
    return Long.parseLong(run(environment, "sbatch", line.toArray(String[]::new)).strip());
  }

  /** Runs one of SLURM's commands; what it printed. */
  String command(String name, String... words) throws Exception {
    return run(Map.of(), name, words);
  }

  private String run(Map<String, String> environment, String command, String... words)
      throws IOException, InterruptedException {
    Map<String, String> all = new HashMap<>(environment());
    all.putAll(environment);
    Distribution.Result result = new Distribution(scratch).runCommand(all, Path.of(command), words);
    assertThat(result.code()).as(command + " " + result).isZero();
    return result.out();
  }

  void down() throws Exception {
    run(Map.of(), SCRIPT.toString(), "down", directory.toString());
  }
}
