package io.prunegrid.runtime;

/** A device did not compute what it must: nothing that comes from it can be trusted. */
public final class DeviceFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what was wrong. */
  public DeviceFault(String message) {
    super(message);
  }

  /** Says what was wrong and why. */
  public DeviceFault(String message, Throwable cause) {
    super(message, cause);
  }
}
