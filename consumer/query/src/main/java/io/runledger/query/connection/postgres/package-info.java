/** Sessions that read a ledger on a PostgreSQL server. */
package io.runledger.query.connection.postgres;
