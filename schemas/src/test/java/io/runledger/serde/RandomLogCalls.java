package io.runledger.serde;

import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Records of log calls with and without each part, with any name and any number. */
final class RandomLogCalls {

  private static final List<String> NAMES = List.of("loss", "val/loss", "f1", "ä", "", "𝛼");

  private final Random random;

  RandomLogCalls(Random random) {
    this.random = random;
  }

  MetricsLogged next() {
    List<MetricRow> rows = new ArrayList<>();
    int count = random.nextInt(4);
    for (int row = 0; row < count; row++) {
      Map<String, Double> values = new HashMap<>();
      int metrics = random.nextInt(5);
      for (int metric = 0; metric < metrics; metric++) {
        values.put(
            NAMES.get(random.nextInt(NAMES.size())), Double.longBitsToDouble(random.nextLong()));
      }
      rows.add(
          new MetricRow(
              Instant.EPOCH.plus(random.nextInt(), ChronoUnit.MICROS),
              random.nextBoolean() ? null : random.nextLong(),
              random.nextBoolean() ? null : Double.longBitsToDouble(random.nextLong()),
              random.nextBoolean() ? null : random.nextDouble(),
              values));
    }
    return new MetricsLogged(
        random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong(), rows);
  }
}
