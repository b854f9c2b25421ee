/**
 * Serializer and deserializer in Confluent's wire format, and the client of the schema registry:
 * the one package of this room that speaks to a network.
 */
package io.runledger.serde;
