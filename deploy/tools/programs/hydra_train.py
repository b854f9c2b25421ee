"""A job of a Hydra sweep: the run has the composed configuration."""

import hydra
from omegaconf import DictConfig

import runledger
from training import training


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config: DictConfig) -> float:
    with runledger.init(
        experiment=config.experiment, method=str(config.rate), seed=config.seed, config=config
    ) as run:
        for step, loss in enumerate(training(config.rate, config.steps)):
            run.log({"loss": loss}, step=step)
        run.results({"final_loss": loss})
    return loss


if __name__ == "__main__":
    main()
