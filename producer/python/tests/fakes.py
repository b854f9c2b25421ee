"""Stand-ins for training libraries, as far as the package's callbacks use them."""

import importlib
import sys
import types
from unittest import mock

from lines import SpoolTest


def fake(name, **members):
    """A module; a member that is not given as something is a class."""
    module = types.ModuleType(name)
    for member, value in members.items():
        if value == 1:
            value = type(member, (), {"__init__": lambda self: None})
        setattr(module, member, value)
    return module


def module_over(library, **modules):
    """The package's module for a library, made again over fakes of it."""
    name = f"runledger.callbacks.{library}"
    sys.modules.pop(name, None)
    with mock.patch.dict(sys.modules, modules):
        module = importlib.import_module(name)
    sys.modules.pop(name, None)
    return module


class Trainings(SpoolTest):
    def statuses(self):
        return [line["status"] for file in self.files() for line in self.by_kind("status", file)]

    def points(self):
        return [line for file in self.files() for line in self.by_kind("metrics", file)]

    def of(self, kind):
        """What the lines of a kind say, of all files."""
        return [line[kind] for file in self.files() for line in self.by_kind(kind, file)]


def lightning(name="lightning.pytorch"):
    """Modules of Lightning, as far as its callback and logger need them, and what holds the rank."""
    only = types.SimpleNamespace(rank=0)

    def on_rank_zero(function):
        return lambda *arguments, **named: None if only.rank else function(*arguments, **named)

    modules = {
        name: fake(name, Callback=1),
        f"{name}.loggers.logger": fake(f"{name}.loggers.logger", Logger=1, rank_zero_experiment=on_rank_zero),
        f"{name}.utilities.rank_zero": fake(f"{name}.utilities.rank_zero", rank_zero_only=on_rank_zero),
    }
    return modules, only
