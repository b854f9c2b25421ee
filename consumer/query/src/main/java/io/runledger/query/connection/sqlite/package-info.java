/** Connections that read a file of SQLite. */
package io.runledger.query.connection.sqlite;
