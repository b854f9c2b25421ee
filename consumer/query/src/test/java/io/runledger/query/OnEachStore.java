package io.runledger.query;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The tests of the class run on each store, from the same events: each {@link Laboratory} that they
 * open is on SQLite the first time, and on PostgreSQL the second time, if there is one here.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ClassTemplate
@ExtendWith(EachStore.class)
public @interface OnEachStore {}
