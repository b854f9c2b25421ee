/**
 * A store in schemas of a PostgreSQL server: a ledger is a name, a generation of it a schema. Knows
 * nothing of Kafka but topic names and offsets as numbers.
 */
package io.runledger.postgres;
