package io.runledger.query.overview;

/** A name, and how many runs have it. */
public record NameCount(String name, long runs) {}
