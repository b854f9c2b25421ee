package io.runledger.query;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A method without parameters, static unless there is one instance of the class, that runs before
 * the tests of a class that is {@link OnEachStore}, once for each store; {@code @BeforeAll} would
 * run once for both.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface BeforeEachStore {}
