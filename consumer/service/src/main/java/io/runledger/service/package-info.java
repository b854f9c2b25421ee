/**
 * The one writer of a projection: reads the four topics as a consumer group of one, folds what it
 * reads into the database, and rebuilds or verifies that database from the log.
 *
 * <p>No position moves past a gap, a bad record or an outage by itself. An outage (registry,
 * database, broker) pauses; a bad record becomes a dead letter; a gap stops the service with a
 * sentence.
 */
package io.runledger.service;
