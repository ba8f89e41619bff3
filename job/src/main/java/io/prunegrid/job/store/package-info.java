/**
 * Results that outlive every crash: the driver's journal, immutable Parquet tables, shared
 * artifacts.
 */
package io.prunegrid.job.store;
