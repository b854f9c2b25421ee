/** Runs as a table of chosen columns in a chosen order. */
package io.runledger.query.table;
