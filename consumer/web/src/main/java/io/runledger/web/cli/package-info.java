/** The verbs that serve the ledger over HTTP. */
package io.runledger.web.cli;
