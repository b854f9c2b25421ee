/** What is known of a run, and what follows from it: records and pure rules. */
package io.runledger.fold.run;
