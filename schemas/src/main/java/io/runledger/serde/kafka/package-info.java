/** Kafka's clients, kept within bounds and explained when they fail. */
package io.runledger.serde.kafka;
