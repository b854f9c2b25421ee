/** Runs and all that belongs to one, and how a question names them. */
package io.runledger.query.runs;
