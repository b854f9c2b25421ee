/** Who may ask, and what browsers may do with the answers. */
package io.runledger.web.security;
