package io.runledger.example.model;

/**
 * SplitMix64 (Steele, Lea, Flood 2014): a generator whose whole state is one number, so that a
 * checkpoint can hold it. The JDK's generators do not give theirs away. Not for threads.
 */
final class SeededRandom {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final double UNIT = 0x1.0p-53;

  private long state;

  SeededRandom(long state) {
    this.state = state;
  }

  /** What {@link #SeededRandom} takes to continue from here. */
  long state() {
    return state;
  }

  long nextLong() {
    state += GOLDEN_GAMMA;
    long mixed = state;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  /** Uniform in [-bound, bound). */
  double nextSigned(double bound) {
    return ((nextLong() >>> 11) * UNIT * 2 - 1) * bound;
  }

  /** The numbers 0 to size - 1 in a random order. */
  int[] permutation(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      // The bias of the remainder is below 2^-50 for any size that fits in memory here.
      int j = (int) Long.remainderUnsigned(nextLong(), i + 1L);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
