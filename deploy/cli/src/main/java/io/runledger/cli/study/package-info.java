/** Joins the export of the read verbs to the log that the service reads. */
package io.runledger.cli.study;
