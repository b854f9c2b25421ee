/** Records that could not be applied, and what operators ask for them. */
package io.runledger.service.deadletters;
