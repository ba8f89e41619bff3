/**
 * Labelled images: where they come from, how they are normalized, and which of them a step sees.
 */
package io.prunegrid.data;
