/** The verbs that run next to a job. */
package io.runledger.agent.cli;
