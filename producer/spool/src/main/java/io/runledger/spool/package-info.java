/**
 * The files of a spool: segments of Avro and files of lines, who writes them, how far they are
 * acknowledged, and what could not be sent. Knows nothing of Kafka.
 */
package io.runledger.spool;
