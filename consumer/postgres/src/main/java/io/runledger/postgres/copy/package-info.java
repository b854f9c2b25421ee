/** Points by COPY in PostgreSQL's binary format. */
package io.runledger.postgres.copy;
