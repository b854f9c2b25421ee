/** Portable studies: the events of some runs, read from the log of a database. */
package io.runledger.service.study;
