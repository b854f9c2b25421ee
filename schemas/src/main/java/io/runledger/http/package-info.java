/** The ports on which our processes answer small requests over HTTP. */
package io.runledger.http;
