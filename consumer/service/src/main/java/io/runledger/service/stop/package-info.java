/** Why a service, a rebuild or a verification ends before its work is done. */
package io.runledger.service.stop;
