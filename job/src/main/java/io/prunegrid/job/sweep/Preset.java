package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigValue;

/**
 * A part of a sweep with a name of its own.
 *
 * @param name the file's name without its ending
 * @param place the file, for people
 * @param value what it stands for
 */
record Preset(PresetKind kind, String name, String place, ConfigValue value) {}
