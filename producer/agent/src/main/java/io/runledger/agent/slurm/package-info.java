/**
 * The SLURM watcher: asks SLURM about the jobs that runs refer to, and reports to the topics what
 * it says. What it knows is in {@link KnownJobs}; the rest brings references in and observations
 * out.
 */
package io.runledger.agent.slurm;
