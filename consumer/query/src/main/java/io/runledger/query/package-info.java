/**
 * Reads the projection and never writes it: {@link io.runledger.query.Ledger} is the door, all else
 * here are the records that come out of it.
 */
package io.runledger.query;
