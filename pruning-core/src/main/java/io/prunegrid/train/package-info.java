/** Training loops: schedules, augmentation, early stopping; the arithmetic is the runtime's. */
package io.prunegrid.train;
