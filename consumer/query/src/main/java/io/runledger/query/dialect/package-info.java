/** How a store is asked for the fields of the filter language: SQLite. */
package io.runledger.query.dialect;
