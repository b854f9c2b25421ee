/** Connections that read a database as it is at one moment. */
package io.runledger.query.connection;
