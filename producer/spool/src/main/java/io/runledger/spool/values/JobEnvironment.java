package io.runledger.spool.values;

import io.runledger.schemas.event.SlurmReference;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/** What is known of the job without asking a service that might not answer. */
public final class JobEnvironment {

  private static final List<String> ALLOCATION =
      List.of(
          "SLURM_CPUS_ON_NODE",
          "SLURM_CPUS_PER_TASK",
          "SLURM_GPUS_ON_NODE",
          "SLURM_JOB_GPUS",
          "SLURM_JOB_NUM_NODES",
          "SLURM_MEM_PER_NODE",
          "SLURM_NTASKS");

  private JobEnvironment() {}

  /** Host name: the environment's, the kernel's, or the resolver's, in this order. */
  public static Optional<String> host(Map<String, String> environment) {
    Optional<String> told =
        Optional.ofNullable(environment.get("SLURMD_NODENAME"))
            .or(() -> Optional.ofNullable(environment.get("HOSTNAME")))
            .or(() -> firstLine(Path.of("/proc/sys/kernel/hostname")))
            .filter(name -> !name.isBlank());
    if (told.isPresent()) {
      return told;
    }
    try {
      return Optional.of(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  /** Main class or jar of this process, without its arguments: they may hold secrets. */
  public static Optional<String> command() {
    return Optional.ofNullable(System.getProperty("sun.java.command"))
        .map(command -> command.split(" ", 2)[0])
        .filter(command -> !command.isBlank());
  }

  /** The commit that is checked out where the directory lies; empty outside a checkout. */
  public static Optional<String> gitCommit(Path directory) {
    for (Path at = directory.toAbsolutePath(); at != null; at = at.getParent()) {
      Path git = at.resolve(".git");
      if (Files.isDirectory(git)) {
        return head(git, git);
      }
      if (Files.isRegularFile(git)) {
        Path here = at;
        return firstLine(git)
            .filter(line -> line.startsWith("gitdir: "))
            .map(line -> here.resolve(line.substring("gitdir: ".length())).normalize())
            .flatMap(linked -> head(linked, common(linked)));
      }
    }
    return Optional.empty();
  }

  private static Path common(Path linked) {
    return firstLine(linked.resolve("commondir"))
        .map(line -> linked.resolve(line).normalize())
        .orElse(linked);
  }

  private static Optional<String> head(Path git, Path common) {
    Optional<String> head = firstLine(git.resolve("HEAD"));
    if (head.isEmpty() || !head.get().startsWith("ref: ")) {
      return head.filter(JobEnvironment::isCommit);
    }
    String reference = head.get().substring("ref: ".length());
    return firstLine(common.resolve(reference))
        .or(() -> packed(common.resolve("packed-refs"), reference))
        .filter(JobEnvironment::isCommit);
  }

  private static Optional<String> packed(Path file, String reference) {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.endsWith(" " + reference))
          .map(line -> line.split(" ", 2)[0])
          .findFirst();
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  private static boolean isCommit(String text) {
    return text.matches("[0-9a-f]{40}|[0-9a-f]{64}");
  }

  public static Optional<String> firstLine(Path file) {
    try {
      return Files.readAllLines(file).stream().findFirst().map(String::strip);
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  /** The SLURM job that this process runs in; empty outside of one. */
  public static Optional<SlurmReference> slurm(Map<String, String> environment) {
    OptionalLong job = number(environment, "SLURM_JOB_ID");
    if (job.isEmpty()) {
      return Optional.empty();
    }
    TreeMap<String, String> allocated = new TreeMap<>();
    for (String name : ALLOCATION) {
      Optional.ofNullable(environment.get(name)).ifPresent(value -> allocated.put(name, value));
    }
    return Optional.of(
        SlurmReference.newBuilder()
            .setCluster(environment.getOrDefault("SLURM_CLUSTER_NAME", ""))
            .setJobId(job.getAsLong())
            .setArrayJobId(boxed(number(environment, "SLURM_ARRAY_JOB_ID")))
            .setArrayTaskId(boxed(number(environment, "SLURM_ARRAY_TASK_ID")))
            .setRestartCount(integer(environment, "SLURM_RESTART_COUNT").orElse(0))
            .setJobName(environment.get("SLURM_JOB_NAME"))
            .setPartition(environment.get("SLURM_JOB_PARTITION"))
            .setAccount(environment.get("SLURM_JOB_ACCOUNT"))
            .setQos(environment.get("SLURM_JOB_QOS"))
            .setNodes(environment.get("SLURM_JOB_NODELIST"))
            .setProcid(boxed(integer(environment, "SLURM_PROCID")))
            .setAllocated(allocated)
            .build());
  }

  private static OptionalLong number(Map<String, String> environment, String name) {
    try {
      String value = environment.get(name);
      return value == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(value.strip()));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private static OptionalInt integer(Map<String, String> environment, String name) {
    OptionalLong value = number(environment, name);
    return value.isPresent() && value.getAsLong() == (int) value.getAsLong()
        ? OptionalInt.of((int) value.getAsLong())
        : OptionalInt.empty();
  }

  private static Long boxed(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }

  private static Integer boxed(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }
}
