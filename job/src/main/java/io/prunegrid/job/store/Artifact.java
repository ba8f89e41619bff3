package io.prunegrid.job.store;

/** What an {@link ArtifactStore} keeps: bytes and the hash that proves them whole. */
public final class Artifact {
  private final String contentHash;
  private final byte[] bytes;

  Artifact(String contentHash, byte[] bytes) {
    this.contentHash = contentHash;
    this.bytes = bytes;
  }

  /** SHA-256 of the bytes, in hexadecimal. */
  public String contentHash() {
    return contentHash;
  }

  /** The bytes, verified against the hash; not copied, so not to be changed. */
  public byte[] bytes() {
    return bytes;
  }
}
