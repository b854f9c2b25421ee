/** Rebuilding a database from the topics, and comparing one with them. */
package io.runledger.service.rebuild;
