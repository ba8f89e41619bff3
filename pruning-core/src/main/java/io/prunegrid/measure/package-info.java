/** Accuracy of a model on images, overall and by class. */
package io.prunegrid.measure;
