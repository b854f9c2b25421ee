/**
 * Serializer and deserializer in Confluent's wire format, and the client of the schema registry:
 * the one package of this room that uses the network.
 */
package io.runledger.serde;
