package io.runledger.query.metrics;

/**
 * Metrics of what a run's processes, their machine and its GPUs use. A sampler logs them whether or
 * not the training makes progress, and none of them says how good a run is.
 */
public final class SystemMetrics {

  /** What their names begin with. */
  public static final String PREFIX = "system/";

  private SystemMetrics() {}

  /** Whether a metric of this name is one. */
  public static boolean contain(String name) {
    return name.startsWith(PREFIX);
  }
}
