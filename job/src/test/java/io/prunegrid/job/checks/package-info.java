/**
 * Long proofs against real processes, disks and clusters, each a program behind {@code
 * scripts/checks} that prints its figures, and each with a short form among the tests.
 */
package io.prunegrid.job.checks;
