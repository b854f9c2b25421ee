package io.runledger.example.model;

import java.util.List;

/**
 * How well a network does on images.
 *
 * @param loss mean cross-entropy in nats; NaN once the training has diverged
 * @param accuracy share of right answers, 0 to 1
 * @param macroF1 F1 averaged over the digits, 0 to 1
 */
public record Evaluation(double loss, double accuracy, double macroF1) {

  static Evaluation of(Network network, List<Image> images) {
    ConfusionMatrix confusion = new ConfusionMatrix(Network.CLASSES);
    for (Image image : images) {
      confusion.add(image.label(), network.classify(image));
    }
    return new Evaluation(network.loss(images), confusion.accuracy(), confusion.macroF1());
  }
}
