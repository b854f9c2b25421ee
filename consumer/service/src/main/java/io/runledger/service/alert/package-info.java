/** Rules of alerts, and how what they find reaches people. */
package io.runledger.service.alert;
