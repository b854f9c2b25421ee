package io.runledger.tests;

import io.runledger.spool.SpoolDamage;
import java.nio.file.Files;

/** A segment is cut at every byte and has bits flipped; see {@link SpoolDamage}. */
final class SpoolDamaged implements Scenario {

  private static final int BYTES = 16 << 10;

  @Override
  public String name() {
    return "spool-damaged";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    SpoolDamage damage =
        new SpoolDamage(Files.createDirectories(laboratory.directory().resolve("spool")), BYTES);
    int cuts = damage.cut(laboratory.full() ? 1 : 97);
    int flips = damage.flip(laboratory.times(300, 5_000), laboratory.random());
    return new Tally(cuts + flips, 0, 0, 0);
  }
}
