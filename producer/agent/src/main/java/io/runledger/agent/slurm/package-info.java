/**
 * The SLURM watcher: asks SLURM about the jobs that runs refer to, and sends what SLURM says to the
 * topics. The state is in {@link KnownJobs}; the rest brings references in and observations out.
 */
package io.runledger.agent.slurm;
