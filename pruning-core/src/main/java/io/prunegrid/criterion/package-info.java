/** Criteria: how much a channel or a weight matters, from weights, images or chance. */
package io.prunegrid.criterion;
