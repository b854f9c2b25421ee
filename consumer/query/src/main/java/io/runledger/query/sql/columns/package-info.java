/** The statements of answers that are columns. */
package io.runledger.query.sql.columns;
