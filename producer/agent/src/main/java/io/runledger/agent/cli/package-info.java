/** The verbs that run beside a job. */
package io.runledger.agent.cli;
