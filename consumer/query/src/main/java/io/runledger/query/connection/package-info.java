/** What every store offers to whoever reads a ledger: connections as of one moment. */
package io.runledger.query.connection;
