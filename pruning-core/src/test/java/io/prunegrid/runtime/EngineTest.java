package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineTest {
  @Test
  void aGraphicsProcessorThatDoesNotExistIsAnErrorAndNeverTheProcessor() {
    assertThatThrownBy(() -> Engine.open(ComputeDevice.parse("gpu:99")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("gpu:99 does not exist");
  }

  @Test
  void devicesAreReadAsTheyArePrinted() {
    for (String text : new String[] {"cpu", "gpu:0", "gpu:3"}) {
      assertThat(ComputeDevice.parse(text)).hasToString(text);
    }
    assertThat(ComputeDevice.parse("gpu")).hasToString("gpu:0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cuda", "gpu:", "gpu:-1", "gpu1", "CPU"})
  void otherSpellingsNameWhatIsAllowed(String text) {
    assertThatThrownBy(() -> ComputeDevice.parse(text))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("allowed: cpu, gpu");
  }

  @Test
  void theEngineSaysWhatItIs() {
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      assertThat(engine.pytorchVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
      assertThat(engine.djlVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
      assertThat(engine.threads()).isEqualTo(Integer.getInteger(Engine.THREADS_PROPERTY));
    }
  }
}
