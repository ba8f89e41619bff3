package io.prunegrid.job.spark;

import java.util.Iterator;
import java.util.List;

/**
 * What a statement gives.
 *
 * @param columns their names
 * @param rows read once, as they come; a value is null, a boxed primitive, a string, a {@link
 *     java.math.BigDecimal}, a time from {@code java.time}, a list, or a map (records are maps by
 *     the names of their fields)
 */
public record SqlAnswer(List<String> columns, Iterator<List<Object>> rows) {}
