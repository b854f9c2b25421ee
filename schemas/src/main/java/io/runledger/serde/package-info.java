/**
 * Events and their bytes in Confluent's wire format. What asks the schema registry is in {@code
 * registry}, what speaks with brokers in {@code kafka}.
 */
package io.runledger.serde;
