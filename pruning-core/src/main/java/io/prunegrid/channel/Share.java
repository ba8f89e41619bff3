package io.prunegrid.channel;

import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.common.BadInput;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** How many of n things a ratio removes. */
final class Share {
  private static final BigDecimal NEAR = new BigDecimal("1e-9");

  private Share() {}

  /**
   * The number of things removed. The product is formed of the ratio's shortest decimal, exactly,
   * and one within 1e-9 of an integer is that integer, so that 0.29 of 100 is 29.
   *
   * @param ratio in [0, 1)
   */
  static long removed(long n, double ratio, Rounding rounding) {
    BigDecimal all = BigDecimal.valueOf(n);
    BigDecimal product = all.multiply(BigDecimal.valueOf(ratio));
    return switch (rounding) {
      case UP -> n - whole(all.subtract(product), RoundingMode.FLOOR);
      case DOWN -> whole(product, RoundingMode.FLOOR);
      case NEAREST -> whole(product, RoundingMode.HALF_EVEN);
    };
  }

  /**
   * Refuses a ratio outside [0, 1).
   *
   * @throws BadInput naming the ratio
   */
  static void check(double ratio) {
    if (!(ratio >= 0 && ratio < 1)) {
      throw new BadInput("ratio must be at least 0 and less than 1, found " + ratio);
    }
  }

  private static long whole(BigDecimal product, RoundingMode mode) {
    BigDecimal nearest = product.setScale(0, RoundingMode.HALF_EVEN);
    boolean integer = product.subtract(nearest).abs().compareTo(NEAR) <= 0;
    return (integer ? nearest : product.setScale(0, mode)).longValueExact();
  }
}
