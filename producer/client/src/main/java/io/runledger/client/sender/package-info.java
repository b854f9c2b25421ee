/**
 * From a spool to Kafka: what lies there is read, packed into records, and leaves the spool when
 * the broker has it. The class for users is SpoolSender.
 */
package io.runledger.client.sender;
