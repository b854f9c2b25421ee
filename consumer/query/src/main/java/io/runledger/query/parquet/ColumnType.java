package io.runledger.query.parquet;

/** What the values of a column are; each may be absent in any row. */
public enum ColumnType {
  /** Text in UTF-8. */
  TEXT(Physical.BYTE_ARRAY),
  /** A 64-bit integer with a sign. */
  INTEGER(Physical.INT64),
  /** A double: NaN, infinities and minus zero included. */
  DOUBLE(Physical.DOUBLE),
  BOOLEAN(Physical.BOOLEAN),
  /** An instant in microseconds since 1970, UTC. */
  TIMESTAMP(Physical.INT64);

  private final Physical physical;

  ColumnType(Physical physical) {
    this.physical = physical;
  }

  Physical physical() {
    return physical;
  }

  /** The types on disk with their numbers in {@code parquet.thrift}. */
  enum Physical {
    BOOLEAN(0),
    INT64(2),
    DOUBLE(5),
    BYTE_ARRAY(6);

    private final int number;

    Physical(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  /** Writes the members of a SchemaElement that say what the bytes mean. */
  void writeMeaning(Thrift element) {
    switch (this) {
      case TEXT -> {
        element.i32(Footer.CONVERTED_TYPE, 0);
        element.struct(Footer.LOGICAL_TYPE).struct(1).end().end();
      }
      case TIMESTAMP -> {
        element.i32(Footer.CONVERTED_TYPE, 10);
        Thrift timestamp = element.struct(Footer.LOGICAL_TYPE).struct(8);
        timestamp.bool(1, true);
        // A union of units, of which microseconds are the second.
        timestamp.struct(2).struct(2).end().end();
        timestamp.end().end();
      }
      case INTEGER, DOUBLE, BOOLEAN -> {
        // The type on disk says it.
      }
    }
  }
}
