/**
 * Writes Parquet, as far as flat tables need it. Knows no runs; the format is that of <a
 * href="https://parquet.apache.org/docs/file-format/">Apache Parquet</a>.
 */
package io.runledger.query.parquet;
