/** Pruning from Java: a network is loaded, pruned with a say in every bundle, and saved. */
package io.prunegrid.library;
