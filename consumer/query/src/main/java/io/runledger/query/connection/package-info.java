/** Connections that read a database as of one moment. */
package io.runledger.query.connection;
