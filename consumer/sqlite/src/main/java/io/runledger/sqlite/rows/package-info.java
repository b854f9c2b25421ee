/** From events to rows, inside a transaction. */
package io.runledger.sqlite.rows;
