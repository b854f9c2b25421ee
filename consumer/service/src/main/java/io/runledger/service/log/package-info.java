/**
 * Kafka's log, read: records and what they decode to, how far it reaches, and what of it is gone.
 */
package io.runledger.service.log;
