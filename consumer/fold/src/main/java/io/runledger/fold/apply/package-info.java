/** Applies events to a store, one batch a transaction. */
package io.runledger.fold.apply;
