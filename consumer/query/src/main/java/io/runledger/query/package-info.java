/**
 * Reads the projection and never writes it: {@link io.runledger.query.Ledger} is the door, {@link
 * io.runledger.query.LedgerReader} has the questions, and all else here are the records that come
 * out.
 */
package io.runledger.query;
