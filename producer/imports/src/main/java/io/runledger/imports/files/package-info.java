/** Readers of the files of others: what is damaged costs itself, and is said with its place. */
package io.runledger.imports.files;
