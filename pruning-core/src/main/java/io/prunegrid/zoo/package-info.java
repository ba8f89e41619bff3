/** Recipes for well-known networks, and weights that are generated rather than read. */
package io.prunegrid.zoo;
