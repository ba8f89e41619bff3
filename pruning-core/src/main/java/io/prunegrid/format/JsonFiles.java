package io.prunegrid.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Small JSON documents, read strictly and written the same way every time. */
final class JsonFiles {
  private static final long LARGEST = 1 << 24;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private JsonFiles() {}

  static ObjectMapper mapper() {
    return JSON;
  }

  static JsonNode read(Bytes file) throws IOException {
    if (file.length() > LARGEST) {
      throw new Malformed(
          "has " + file.length() + " bytes; at most " + LARGEST + " are read as JSON");
    }
    try (InputStream in = file.open(0)) {
      return JSON.readTree(in.readAllBytes());
    } catch (JsonProcessingException e) {
      throw new Malformed("is no valid JSON: " + reason(e));
    }
  }

  /** What is wrong with a JSON document, and where. */
  static String reason(JsonProcessingException problem) {
    JsonLocation at = problem.getLocation();
    String reason = problem.getOriginalMessage().lines().findFirst().orElse("");
    return at == null
        ? reason
        : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": " + reason;
  }

  static byte[] bytes(JsonNode document) throws IOException {
    return (JSON.writeValueAsString(document) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
