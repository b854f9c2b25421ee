/** A PostgreSQL server for tests, of this room and of others. */
package io.runledger.postgres.server;
