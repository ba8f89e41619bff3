/**
 * Runs graphs on a device, forward, backward and in training; the only package that knows DJL and
 * PyTorch.
 */
package io.prunegrid.runtime;
