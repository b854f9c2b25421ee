/** What answers look like: JSON, CSV and text for people. Knows no command line. */
package io.runledger.query.format;
