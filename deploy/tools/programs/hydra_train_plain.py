"""A job of a Hydra sweep that leaves the end of its run to the package."""

import hydra
from omegaconf import DictConfig

import runledger
from training import training


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config: DictConfig) -> float:
    run = runledger.init(
        experiment=config.experiment, method=str(config.rate), seed=config.seed, config=config
    )
    for step, loss in enumerate(training(config.rate, config.steps)):
        run.log({"loss": loss}, step=step)
    return loss


if __name__ == "__main__":
    main()
