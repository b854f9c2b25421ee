/**
 * Reports to hand on: one run, a comparison or what a filter chooses, as one file of HTML or
 * Markdown.
 */
package io.runledger.query.report;
