"""Trains a linear classifier of handwritten digits with scikit-learn, epoch by epoch, and records the run.

    python3 digits.py --seed 1
"""

import argparse
import json
import math

import runledger
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import train_test_split


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--alpha", type=float, default=1e-3, help="weight of the penalty")
    arguments = parser.parse_args()

    digits = load_digits()
    x_train, x_test, y_train, y_test = train_test_split(
        digits.data / 16.0, digits.target, test_size=0.25, random_state=arguments.seed
    )
    model = SGDClassifier(loss="log_loss", alpha=arguments.alpha, random_state=arguments.seed)
    with runledger.init(
        experiment="digits", dataset="uci-digits", method="sgd", seed=arguments.seed,
        config=vars(arguments),
    ) as run:
        best = math.inf
        for epoch in range(arguments.epochs):
            model.partial_fit(x_train, y_train, classes=range(10))
            loss = log_loss(y_test, model.predict_proba(x_test))
            f1 = f1_score(y_test, model.predict(x_test), average="macro")
            run.log({"val/loss": loss, "val/f1": f1}, step=(epoch + 1) * len(x_train), epoch=epoch)
            best = min(best, loss)
        path = f"digits-{arguments.seed}.json"
        with open(path, "w") as file:
            json.dump({"weights": model.coef_.tolist(), "bias": model.intercept_.tolist()}, file)
        run.log_artifact("model", path, {"epochs": arguments.epochs})
        run.results({"best_loss": best, "f1": f1})


if __name__ == "__main__":
    main()
