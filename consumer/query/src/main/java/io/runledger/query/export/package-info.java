/** Runs and points as whole tables for other programs: CSV, JSON lines or Parquet, row by row. */
package io.runledger.query.export;
