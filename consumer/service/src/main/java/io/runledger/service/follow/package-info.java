/** Keeps a database in step with a spool: the service without a broker. */
package io.runledger.service.follow;
