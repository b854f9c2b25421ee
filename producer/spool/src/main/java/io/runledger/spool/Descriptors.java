package io.runledger.spool;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many files this process may still open. */
public final class Descriptors {

  /** What a JVM and a training job need at any moment for their own files. */
  private static final long FEW = 16;

  private Descriptors() {}

  /** Whether hardly any file can be opened now: then one that fails is not a fault of that file. */
  public static boolean areScarce() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      long open = system.getOpenFileDescriptorCount();
      // The JVM counts by opening a directory, and returns -1 where even that fails.
      return open < 0 || open >= system.getMaxFileDescriptorCount() - FEW;
    }
    return false;
  }

  /**
   * @param open the JVM counts by opening a directory, and says -1 where even that fails
   */
  static boolean areScarce(long open, long most) {
    return open < 0 || open >= most - FEW;
  }
}
