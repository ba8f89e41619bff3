/** TorchScript archives, which plain PyTorch loads and runs. */
package io.prunegrid.format.torchscript;
