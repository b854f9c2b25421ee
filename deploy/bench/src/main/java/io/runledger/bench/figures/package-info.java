/** What was measured: figures against their budgets, samples and plots. */
package io.runledger.bench.figures;
