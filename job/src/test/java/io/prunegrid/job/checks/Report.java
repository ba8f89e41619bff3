package io.prunegrid.job.checks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What a check measured and what of its claims does not hold; every line is printed at once. */
public final class Report {
  private final PrintStream out;
  private final List<String> violations = Collections.synchronizedList(new ArrayList<>());
  private int claims;

  /** A report that prints to this stream. */
  public Report(PrintStream out) {
    this.out = out;
  }

  /** The body of a check. */
  @FunctionalInterface
  public interface Body {
    void check(Report report) throws Exception;
  }

  /** Runs a check as a program: ends the process with 0 only if every claim holds. */
  public static void main(String name, Body body) {
    Report report = new Report(System.out);
    int code;
    try {
      body.check(report);
      code = report.end(name);
    } catch (Throwable e) {
      e.printStackTrace(System.out);
      report.out.println(name + ": BROKEN OFF by " + e);
      code = 1;
    }
    System.exit(code);
  }

  /** Prints a measured figure. */
  public void figure(String name, Object value) {
    out.printf(Locale.ROOT, "%-52s %s%n", name, value);
    out.flush();
  }

  /** Prints a claim and whether it holds. */
  public synchronized void claim(boolean holds, String format, Object... values) {
    claims++;
    String text = String.format(Locale.ROOT, format, values);
    out.println((holds ? "holds   " : "VIOLATED ") + text);
    out.flush();
    if (!holds) {
      violations.add(text);
    }
  }

  /** The claims that do not hold. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  private synchronized int end(String name) {
    boolean well = violations.isEmpty() && claims > 0;
    out.printf(
        Locale.ROOT,
        "%s: %s, %d claims, %d violated%n",
        name,
        well ? "ok" : "NOT OK",
        claims,
        violations.size());
    return well ? 0 : 1;
  }
}
