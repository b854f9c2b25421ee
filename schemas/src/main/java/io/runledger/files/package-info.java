/** Locks on files, private files, and what a full disk looks like: for every room that writes. */
package io.runledger.files;
