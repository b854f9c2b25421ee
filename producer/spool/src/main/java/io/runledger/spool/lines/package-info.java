/** Files of lines, which any program can append: from a line of JSON to events. */
package io.runledger.spool.lines;
