package io.runledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Setting;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNamesTest {

  @Test
  void topicsSubjectsAndConsumerGroupFollowThePrefix() {
    Configuration configuration = configuration("lab.prod");

    TopicNames names = new TopicNames(configuration.get(Setting.TOPICS_PREFIX));

    assertThat(names.all())
        .containsExactly("lab.prod.runs", "lab.prod.metrics", "lab.prod.errors", "lab.prod.slurm");
    assertThat(names.subject(Topics.RUNS)).isEqualTo("lab.prod.runs-value");
    assertThat(configuration.get(Setting.GROUP_ID)).isEqualTo("lab.prod");
  }

  @Test
  void aConsumerGroupThatWasNamedStays() {
    Configuration configuration = configuration("lab").with(Setting.GROUP_ID, "mine");

    assertThat(configuration.get(Setting.GROUP_ID)).isEqualTo("mine");
  }

  @Test
  void namesAreThoseOfEarlierVersionsWhereNobodySaysOtherwise() {
    Configuration configuration = Configuration.load(Map.of(), environment(), Optional.empty());

    assertThat(new TopicNames(configuration.get(Setting.TOPICS_PREFIX)))
        .isEqualTo(TopicNames.DEFAULT);
    assertThat(TopicNames.DEFAULT.all())
        .containsExactly(
            "runledger.runs", "runledger.metrics", "runledger.errors", "runledger.slurm");
    assertThat(configuration.get(Setting.GROUP_ID)).isEqualTo("runledger");
  }

  @Test
  void aNameTellsItsKindAndItsPrefix() {
    for (Topics kind : Topics.values()) {
      String name = new TopicNames("a.runs").name(kind);

      assertThat(TopicNames.kindOf(name)).contains(kind);
      assertThat(TopicNames.prefixOf(name)).isEqualTo("a.runs");
    }
    assertThat(TopicNames.kindOf("orders")).isEmpty();
    assertThat(TopicNames.kindOf(".runs")).isEmpty();
    assertThat(TopicNames.prefixOf("orders")).isEqualTo("orders");
  }

  @Test
  void howEventsNameTheirStreamDoesNotFollowThePrefix() {
    assertThat(Topics.METRICS.streamName()).isEqualTo("runledger.metrics");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a/b", ".a", "a.", "-a", "ü", "a:b"})
  void aPrefixThatKafkaWouldRefuseIsRefusedBeforeItIsAsked(String prefix) {
    assertThatThrownBy(() -> configuration(prefix))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("topics.prefix")
        .hasMessageContaining("letters, digits");
  }

  @Test
  void aPrefixIsAsLongAsNamesMayBeWithIt() {
    assertThat(
            new TopicNames(configuration("a".repeat(200)).get(Setting.TOPICS_PREFIX))
                .name(Topics.METRICS)
                .length())
        .isLessThan(249);
    assertThatThrownBy(() -> configuration("a".repeat(201)))
        .isInstanceOf(InvalidConfigurationException.class);
  }

  private static Configuration configuration(String prefix) {
    return Configuration.load(
        Map.of(Setting.TOPICS_PREFIX.key(), prefix), environment(), Optional.empty());
  }

  private static Map<String, String> environment() {
    return Map.of("HOME", "/nowhere");
  }
}
