package io.prunegrid.job.spark;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.pipeline.CellConfig;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Whether executors see what the driver sees, found out before anything runs: the folders that both
 * use, where each executor looks for the driver's token and leaves one that the driver looks for,
 * and inputs of the same content. All executors are asked that are there when their number has
 * stood still for a second.
 */
final class Sight {
  private static final String DRIVER = "driver";
  private static final int MOST_ROUNDS = 20;
  private static final int LOOKS = 5;
  private static final long PAUSE_MILLIS = 200;

  private Sight() {}

  /**
   * A folder that driver and executors use.
   *
   * @param what people call it
   * @param shelf a folder in it whose unfinished files somebody tidies up
   */
  record Folder(String what, Location place, String shelf) implements Serializable {
    /** Executors have working folders of their own, so that the place is made absolute. */
    Folder {
      place = place.absolute();
    }

    @Override
    public String toString() {
      return what + " " + place;
    }
  }

  /**
   * What an executor is asked.
   *
   * @param folders where tokens are left
   * @param inputs one cell for each combination of data and model, with what identifies the inputs
   *     of both
   * @param token names this question's tokens
   */
  record Question(List<Folder> folders, Map<CellConfig, String> inputs, String token)
      implements Serializable {
    /** Tokens are named like files that a dead writer left, so that those are tidied up as such. */
    Location token(Folder folder, String whose) {
      String name = Disk.UNFINISHED + "token-" + token + "-" + whose;
      return folder.place().resolve(folder.shelf()).resolve(name);
    }
  }

  /** An executor's answer: what it does not see, in words. */
  record Answer(String executor, List<String> problems) implements Serializable {}

  /**
   * Asks all executors.
   *
   * @param folders where both write
   * @param cells whose inputs all should see
   * @throws BadInput where one does not see something, naming it and its host
   */
  static void demand(SparkContext spark, List<Folder> folders, Collection<CellConfig> cells)
      throws InterruptedException {
    Map<CellConfig, String> inputs = new LinkedHashMap<>();
    for (CellConfig cell : cells) {
      inputs.put(cell, inputs(cell));
    }
    Question question = new Question(folders, inputs, UUID.randomUUID().toString());
    Map<String, Answer> answers = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    try {
      for (Folder folder : folders) {
        leave(question.token(folder, DRIVER));
      }
      ask(spark, question, answers);
      for (Answer answer : answers.values()) {
        List<String> missing = new ArrayList<>(answer.problems());
        if (missing.isEmpty()) {
          missing.addAll(unseen(question, answer.executor()));
        }
        missing.forEach(
            problem -> problems.add("executor " + answer.executor() + " on " + problem));
      }
    } catch (IOException e) {
      problems.add("a token for the executors cannot be left: " + e.getMessage());
    } finally {
      tidyUp(question, answers.keySet());
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }

  private static void ask(SparkContext spark, Question question, Map<String, Answer> answers)
      throws InterruptedException {
    JavaSparkContext tasks = JavaSparkContext.fromSparkContext(spark);
    // waits for the first, as Spark does, and says so as Spark does
    long unused = tasks.parallelize(List.of(0), 1).count();
    Set<String> present = steady();
    for (int round = 0; round < MOST_ROUNDS && !answers.keySet().containsAll(present); round++) {
      int slots = Math.max(1, spark.defaultParallelism());
      for (Answer answer :
          tasks
              .parallelize(Collections.nCopies(slots, 0), slots)
              .map(number -> answer(question))
              .collect()) {
        answers.put(answer.executor(), answer);
      }
      present = ExecutorWatch.present();
    }
  }

  /** The executors, once there are some and no more come. */
  private static Set<String> steady() throws InterruptedException {
    Set<String> present = ExecutorWatch.present();
    for (int same = 0; same < LOOKS; same++) {
      Thread.sleep(PAUSE_MILLIS);
      Set<String> now = ExecutorWatch.present();
      if (!now.equals(present)) {
        same = -1;
      }
      present = now;
    }
    return present;
  }

  /** On an executor. */
  private static Answer answer(Question question) throws InterruptedException {
    Worker.configureHadoop();
    String executor = RowsPlugin.Executor.name();
    String place = RowsPlugin.Executor.place();
    // long enough that no executor answers for all
    Thread.sleep(PAUSE_MILLIS);
    String host = place.contains("/") ? place.substring(0, place.lastIndexOf('/')) : place;
    return new Answer(executor, problems(question, executor, host));
  }

  /** What is not seen from here. */
  static List<String> problems(Question question, String executor, String host) {
    List<String> problems = new ArrayList<>();
    for (Folder folder : question.folders()) {
      Location token = question.token(folder, DRIVER);
      try {
        if (Disk.of(token).read(token).isEmpty()) {
          problems.add("host " + host + " does not see " + folder + " of the driver");
        } else {
          leave(question.token(folder, executor));
        }
      } catch (IOException | RuntimeException e) {
        problems.add("host " + host + " cannot use " + folder + ": " + e.getMessage());
      }
    }
    question
        .inputs()
        .forEach(
            (cell, expected) -> {
              String what = cell.data() + " or the weights of " + cell.model().name();
              try {
                if (!inputs(cell).equals(expected)) {
                  problems.add(
                      "host " + host + " has another content in " + what + " than the driver");
                }
              } catch (RuntimeException e) {
                problems.add("host " + host + " cannot read " + what + ": " + e.getMessage());
              }
            });
    return problems;
  }

  private static List<String> unseen(Question question, String executor) throws IOException {
    List<String> problems = new ArrayList<>();
    for (Folder folder : question.folders()) {
      Location token = question.token(folder, executor);
      if (Disk.of(token).read(token).isEmpty()) {
        problems.add("its host: what it writes to " + folder + " does not arrive here");
      }
    }
    return problems;
  }

  private static String inputs(CellConfig cell) {
    return Worker.inputs().hashes(cell).toString();
  }

  private static void leave(Location token) throws IOException {
    boolean unused = Disk.of(token).publish(token, "a token".getBytes(StandardCharsets.UTF_8));
  }

  private static void tidyUp(Question question, Set<String> executors) {
    List<String> all = new ArrayList<>(executors);
    all.add(DRIVER);
    for (Folder folder : question.folders()) {
      for (String whose : all) {
        Location token = question.token(folder, whose);
        try {
          Disk.of(token).delete(token);
        } catch (IOException e) {
          // tidied up with what dead writers left
        }
      }
    }
  }
}
