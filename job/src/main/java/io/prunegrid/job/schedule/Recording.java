package io.prunegrid.job.schedule;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A run as its event log tells it: its rules, its work, and every event with what was decided about
 * it. Fed with the events again, the scheduler must decide the same.
 *
 * @param policy the rules
 * @param work what was to be done
 * @param moments what happened, in order
 */
public record Recording(Policy policy, Workload work, List<Moment> moments) {
  public Recording {
    moments = List.copyOf(moments);
  }

  /** An event and what was decided about it. */
  public record Moment(Event event, List<Decision> decisions) {
    public Moment {
      decisions = List.copyOf(decisions);
    }
  }

  /**
   * Reads an event log. A last line that was cut off, as a killed run leaves it, is left out.
   *
   * @throws IllegalArgumentException where a line is not one of an event log
   */
  public static Recording of(Stream<String> lines) {
    Policy policy = null;
    Workload.Builder work = Workload.builder();
    List<Moment> moments = new ArrayList<>();
    Event event = null;
    List<Decision> decisions = new ArrayList<>();
    for (Iterator<String> all = lines.iterator(); all.hasNext(); ) {
      String line = all.next();
      if (!all.hasNext() && !line.endsWith("}")) {
        break;
      }
      JsonNode node = EventLines.parse(line);
      if (node.has("policy")) {
        policy = EventLines.policy(node);
      } else if (node.has("event")) {
        if (event != null) {
          moments.add(new Moment(event, decisions));
          decisions.clear();
        }
        event = EventLines.event(node);
      } else if (node.has("decision")) {
        decisions.add(EventLines.decision(node));
      } else if (node.has("group")) {
        add(work, node);
      }
    }
    if (policy == null) {
      throw new IllegalArgumentException("the log does not begin with the rules of its run");
    }
    if (event != null) {
      moments.add(new Moment(event, decisions));
    }
    return new Recording(policy, work.build(), moments);
  }

  private static void add(Workload.Builder work, JsonNode node) {
    List<Integer> needs = new ArrayList<>();
    node.path("needs").forEach(need -> needs.add(need.asInt()));
    int item =
        work.add(
            node.get("group").asInt(),
            node.get("seconds").floatValue(),
            node.path("limit").floatValue(),
            needs.stream().mapToInt(Integer::intValue).toArray());
    if (item != node.get("item").asInt()) {
      throw new IllegalArgumentException("item " + item + " is not where it should be: " + node);
    }
  }

  /** Feeds a new scheduler with the events; what it decides otherwise first, if anything. */
  public Optional<String> difference() {
    Scheduler scheduler = new GridScheduler(work, policy);
    for (Moment moment : moments) {
      List<Decision> decided = scheduler.on(moment.event());
      if (!decided.equals(moment.decisions())) {
        return Optional.of(
            moment.event() + " brought " + moment.decisions() + ", and now brings " + decided);
      }
    }
    return Optional.empty();
  }
}
