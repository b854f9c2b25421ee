/** What is measured: a stack, histories of runs, and the loop that the fold is compared with. */
package io.runledger.bench.load;
