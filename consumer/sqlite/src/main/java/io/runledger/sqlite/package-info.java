/**
 * The SQLite schema, and the fold of events into rows: one writer, one transaction a batch. Knows
 * nothing of Kafka but topic names and offsets as numbers.
 */
package io.runledger.sqlite;
