package io.prunegrid.job.store;

import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** A disk that counts what it is asked for, and otherwise is another one. */
public final class CountingDisk {
  private final Map<String, AtomicLong> counts = new ConcurrentSkipListMap<>();

  /** A results folder on local disk whose file operations are counted here. */
  public ResultsFolder open(Location folder, List<Table> tables) {
    return ResultsFolder.open(
        counted(Disk.class, Disk.of(folder)),
        folder,
        tables,
        ResultsOptions.DEFAULT,
        Step.Watcher.installed());
  }

  /** Operations so far. */
  public long operations() {
    return counts.values().stream().mapToLong(AtomicLong::get).sum();
  }

  /** Operations so far, by name. */
  public Map<String, AtomicLong> byName() {
    return counts;
  }

  private <T> T counted(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              counts.computeIfAbsent(method.getName(), name -> new AtomicLong()).incrementAndGet();
              Object answer = invoke(target, method, arguments);
              return answer instanceof Disk.Appender log
                  ? counted(Disk.Appender.class, log)
                  : answer;
            }));
  }

  private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
