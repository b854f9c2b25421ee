/**
 * The ports on which our processes answer small requests over HTTP, and what a room answers there.
 */
package io.runledger.http;
