/** Records as they come to a fold, and what became of them. */
package io.runledger.fold.batch;
