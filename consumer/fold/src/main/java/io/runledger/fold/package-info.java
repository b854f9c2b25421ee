/**
 * What follows from events, independent of the store: validity, order, verdicts, summaries. Pure.
 */
package io.runledger.fold;
