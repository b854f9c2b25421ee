/** Files of JSON lines, which any program can append: turns their lines into events. */
package io.runledger.spool.lines;
