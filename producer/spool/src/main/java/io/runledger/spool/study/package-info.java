/** Portable studies: the events of some runs in one file, written and verified. */
package io.runledger.spool.study;
