/** ONNX files: networks that other tools made, and networks for other tools to run. */
package io.prunegrid.format.onnx;
