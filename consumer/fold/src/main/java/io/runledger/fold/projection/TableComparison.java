package io.runledger.fold.projection;

/**
 * What comparing one table of two projections found.
 *
 * @param table its name
 * @param rows rows in the first projection
 * @param differences rows that only one of the two has
 */
public record TableComparison(String table, long rows, long differences) {}
