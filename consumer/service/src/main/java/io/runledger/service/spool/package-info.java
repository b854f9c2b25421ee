/** The files of a spool, read as a log of events. */
package io.runledger.service.spool;
