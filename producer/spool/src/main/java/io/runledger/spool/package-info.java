/**
 * The files of a spool: Avro segments and files of JSON lines, who writes them, how far they are
 * acknowledged, and what could not be sent. Knows nothing about Kafka.
 */
package io.runledger.spool;
