/** Sessions of a PostgreSQL server: where it is, what they are for, and the locks they hold. */
package io.runledger.postgres.connection;
