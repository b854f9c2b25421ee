/**
 * The words that every room shares: run keys and ids, statuses, topics. Pure values, no I/O; the
 * generated classes of the events are in {@code io.runledger.schemas.event}.
 */
package io.runledger.schemas;
