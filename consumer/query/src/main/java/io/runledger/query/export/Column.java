package io.runledger.query.export;

import io.runledger.query.parquet.ColumnType;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * A column of an export.
 *
 * @param name as in the database
 * @param type what its values are
 * @param write hands the value of a row on
 */
record Column<T>(String name, ColumnType type, BiConsumer<T, Cells> write) {

  static <T> Column<T> text(String name, Function<T, Optional<String>> value) {
    return new Column<>(
        name,
        ColumnType.TEXT,
        (row, cells) -> value.apply(row).ifPresentOrElse(cells::text, cells::absent));
  }

  static <T> Column<T> json(String name, Function<T, Optional<String>> value) {
    return new Column<>(
        name,
        ColumnType.TEXT,
        (row, cells) -> value.apply(row).ifPresentOrElse(cells::json, cells::absent));
  }

  static <T> Column<T> integer(String name, ToLongFunction<T> value) {
    return new Column<>(
        name, ColumnType.INTEGER, (row, cells) -> cells.integer(value.applyAsLong(row)));
  }

  static <T> Column<T> integerOrNone(String name, Function<T, OptionalLong> value) {
    return new Column<>(
        name,
        ColumnType.INTEGER,
        (row, cells) -> value.apply(row).ifPresentOrElse(cells::integer, cells::absent));
  }

  static <T> Column<T> smallOrNone(String name, Function<T, OptionalInt> value) {
    return new Column<>(
        name,
        ColumnType.INTEGER,
        (row, cells) -> value.apply(row).ifPresentOrElse(cells::integer, cells::absent));
  }

  static <T> Column<T> number(String name, ToDoubleFunction<T> value) {
    return new Column<>(
        name, ColumnType.DOUBLE, (row, cells) -> cells.number(value.applyAsDouble(row)));
  }

  static <T> Column<T> numberOrNone(String name, Function<T, OptionalDouble> value) {
    return new Column<>(
        name,
        ColumnType.DOUBLE,
        (row, cells) -> value.apply(row).ifPresentOrElse(cells::number, cells::absent));
  }

  static <T> Column<T> truth(String name, Predicate<T> value) {
    return new Column<>(name, ColumnType.BOOLEAN, (row, cells) -> cells.truth(value.test(row)));
  }

  static <T> Column<T> time(String name, Function<T, Optional<Instant>> value) {
    return new Column<>(
        name,
        ColumnType.TIMESTAMP,
        (row, cells) -> value.apply(row).ifPresentOrElse(cells::time, cells::absent));
  }
}
