/** Runs that belong together, such as the seeds of a method, in a few numbers. */
package io.runledger.query.groups;
