package io.prunegrid.runtime;

/** Some vectors of one length. */
public interface Vectors {
  int count();

  int length();

  /** One value of one vector. */
  double at(int vector, int index);
}
