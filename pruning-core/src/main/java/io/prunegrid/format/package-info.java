/**
 * Files that hold weights, networks and arrays: read with suspicion, written whole or not at all.
 */
package io.prunegrid.format;
