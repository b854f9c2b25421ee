/** The content of a database in a form that is equal when the events are. */
package io.runledger.rows.canonical;
