/** Connections that read a database as it stands at one moment. */
package io.runledger.query.connection;
