/** Questions to the database, in SQL. */
package io.runledger.query.sql;
