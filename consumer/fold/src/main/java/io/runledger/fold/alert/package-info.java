/** What a person wants to hear of, and what was found of it. */
package io.runledger.fold.alert;
