/** The settings of every part, their defaults, and who set them. */
package io.runledger.config;
