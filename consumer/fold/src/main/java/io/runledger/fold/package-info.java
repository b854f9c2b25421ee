/** What follows from events, whatever stores it: validity, order, verdicts, summaries. Pure. */
package io.runledger.fold;
