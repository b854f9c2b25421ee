/** The consumer group that keeps a database up to date. */
package io.runledger.service.live;
