/** The database as the service has it open, and copies of it. */
package io.runledger.service.database;
