/** What is imported, as lines of a spool whose identity follows from the source. */
package io.runledger.imports.lines;
