"""For scikit-learn: after ``autolog()`` each training of an estimator is a run; ``stop()`` ends that.

    from runledger.callbacks import sklearn
    sklearn.autolog(project="iris")
"""

from __future__ import annotations

import functools
import importlib
import threading
import weakref
from typing import Any, Callable, Dict, List, MutableMapping, NamedTuple, Optional, Tuple

from runledger.callbacks._numbers import numbers
from runledger.callbacks._training import harmless, may_name, open_run
from runledger.run import Run
from runledger.starting import init

_base: Any = importlib.import_module("sklearn.base")
_validation: Any = importlib.import_module("sklearn.model_selection._validation")
_selection: Any = importlib.import_module("sklearn.model_selection")

#: The methods that train.
_FITS = ("fit", "fit_predict", "fit_transform")

#: Candidates of a search whose parameters and scores are recorded.
_MOST_CANDIDATES = 1_000


class _Patch(NamedTuple):
    """What an attribute was before."""

    owner: Any
    name: str
    #: None: it was inherited, or there was none.
    before: Any


class _Active:
    """A training that is under way, which the trainings inside it are parts of."""

    def __init__(self) -> None:
        self._thread = threading.current_thread()
        # Threads that come later are taken for those of its pool: a thread of the caller trains by itself.
        self._others = weakref.WeakSet(threading.enumerate())

    def contains_this_thread(self) -> bool:
        current = threading.current_thread()
        return current is self._thread or current not in self._others


_lock = threading.RLock()
_options: Optional[Dict[str, Any]] = None
_patches: List[_Patch] = []
_active: List[_Active] = []
#: The run of each estimator that was trained: its scores may be asked for later.
_runs: MutableMapping[Any, Run] = weakref.WeakKeyDictionary()


def autolog(**options: Any) -> None:
    """Records the trainings of all estimators that predict, of scikit-learn and of other libraries.

    The run has the parameters, the results of a search or cross-validation, and the first score that
    the caller asks the trained estimator for.

    ``options`` are the arguments of ``runledger.init`` for each run; without a name it has that of the
    estimator's class. Where a run is open, trainings are recorded in it. What a training calls inside
    (a pipeline's steps, a search's candidates) is a part of it. Results and exceptions are those that
    they would be without it. Not for estimators in other processes.
    """
    global _options
    with _lock:
        _options = dict(options)
        if _patches:
            return
        mixins = [kind for name, kind in vars(_base).items() if name.endswith("Mixin")]
        for kind in (*mixins, *_subclasses(_base.BaseEstimator)):
            _patch_methods(kind)
        _patch(_base.BaseEstimator, "__init_subclass__", classmethod(_init_subclass))
        for name in ("_fit_and_score", "_fit_and_predict"):
            if hasattr(_validation, name):
                _patch(_validation, name, _inside(getattr(_validation, name)))
        if hasattr(_validation, "cross_validate"):
            validated = _validating(_validation.cross_validate)
            for module in (_validation, _selection):
                _patch(module, "cross_validate", validated)


def stop() -> None:
    """Makes all estimators as they were before ``autolog()``."""
    global _options
    with _lock:
        _options = None
        while _patches:
            owner, name, before = _patches.pop()
            if before is None:
                delattr(owner, name)
            else:
                setattr(owner, name, before)


def _subclasses(kind: Any) -> List[Any]:
    found, waiting = [], [kind]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.append(one)
            waiting.extend(type.__subclasses__(one))
    return found


def _init_subclass(kind: Any, /, **named: Any) -> None:
    super(_base.BaseEstimator, kind).__init_subclass__(**named)
    _patch_methods(kind)


@harmless
def _patch_methods(kind: Any) -> None:
    for name in (*_FITS, "score"):
        method = kind.__dict__.get(name)
        # A method that is available on a condition is a descriptor, and says so to those who ask.
        if callable(method) and hasattr(method, "__code__"):
            _patch(kind, name, _scoring(method) if name == "score" else _training(method))


def _patch(owner: Any, name: str, value: Any) -> None:
    _patches.append(_Patch(owner, name, owner.__dict__.get(name)))
    setattr(owner, name, value)


# What these return refers to nothing but functions of this module: an estimator whose class is
# written by its user is pickled with its methods.


def _training(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def fit(self: Any, *arguments: Any, **named: Any) -> Any:
        return _trained(method, self, arguments, named)

    return fit


def _scoring(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def score(self: Any, *arguments: Any, **named: Any) -> Any:
        value = method(self, *arguments, **named)
        _scored(self, value)
        return value

    return score


def _inside(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def part(*arguments: Any, **named: Any) -> Any:
        return _unrecorded(function, arguments, named)

    return part


def _validating(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def cross_validate(*arguments: Any, **named: Any) -> Any:
        return _validated(function, arguments, named)

    return cross_validate


def _is_inside() -> bool:
    return any(one.contains_this_thread() for one in list(_active))


def _unrecorded(function: Callable[..., Any], arguments: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
    here = _Active()
    _active.append(here)
    try:
        return function(*arguments, **named)
    finally:
        _active.remove(here)


def _trained(
    method: Callable[..., Any], estimator: Any, arguments: Tuple[Any, ...], named: Dict[str, Any]
) -> Any:
    if _options is None or not _predicts(estimator) or _is_inside():
        return method(estimator, *arguments, **named)
    part = _begin(estimator)
    try:
        value = _unrecorded(method, (estimator, *arguments), named)
    except BaseException as error:
        _fail(part, error)
        raise
    _end(part, estimator)
    return value


def _validated(function: Callable[..., Any], arguments: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
    if _options is None or _is_inside():
        return function(*arguments, **named)
    part = _begin(arguments[0] if arguments else named.get("estimator"))
    try:
        scores = _unrecorded(function, arguments, named)
    except BaseException as error:
        _fail(part, error)
        raise
    _end_validation(part, scores)
    return scores


@harmless
def _predicts(estimator: Any) -> bool:
    """Whether its training is one: a scaler that is fitted alone is not."""
    return hasattr(estimator, "predict") or hasattr(estimator, "fit_predict")


class _Part(NamedTuple):
    """A training in a run."""

    run: Run
    #: Whether the run began with it.
    ends_run: bool
    #: What its names begin with in a run that has more than this training.
    prefix: str


@harmless
def _begin(estimator: Any) -> Optional[_Part]:
    kind = type(estimator).__name__
    config = {"class": f"{type(estimator).__module__}.{kind}", **_parameters(estimator)}
    run = open_run()
    if run is not None:
        run.config.update({kind: config})
        return _Part(run, False, f"{kind}/")
    options = dict(_options or {})
    if may_name() and not any(name in options for name in _NAMES):
        options["name"] = kind
    return _Part(init(**{"config": config, **options}), True, "")


_NAMES = ("name", "experiment", "dataset", "method", "subject", "cl_info", "seed")


@harmless
def _parameters(estimator: Any) -> Dict[str, Any]:
    found: Dict[str, Any] = estimator.get_params(deep=True)
    # An estimator among them is there with its own parameters, too.
    return {
        name: type(value).__name__ if isinstance(value, _base.BaseEstimator) else value
        for name, value in found.items()
        if name not in ("steps", "transformers", "estimators")
    }


@harmless
def _fail(part: Optional[_Part], error: BaseException) -> None:
    if part is not None and part.ends_run:
        part.run._end_with(error, uncaught=False)


@harmless
def _end(part: Optional[_Part], estimator: Any) -> None:
    if part is None:
        return
    _log_search(part, estimator)
    _log_iterations(part, estimator)
    _remember(estimator, part.run)
    if part.ends_run:
        part.run.finish()


@harmless
def _remember(estimator: Any, run: Run) -> None:
    _runs[estimator] = run


@harmless
def _log_search(part: _Part, estimator: Any) -> None:
    results = getattr(estimator, "cv_results_", None)
    if not isinstance(results, dict):
        return
    names = [name for name in results if not name.startswith("param")]
    candidates = results.get("params", [])
    for at in range(min(len(candidates), _MOST_CANDIDATES)):
        values = numbers({f"{part.prefix}{name}": results[name][at] for name in names})
        part.run.log(values, step=at)
    found: Dict[str, Any] = {
        name[:-1]: getattr(estimator, name)
        for name in ("best_params_", "best_score_", "best_index_")
        if hasattr(estimator, name)
    }
    found["candidates"] = list(candidates[:_MOST_CANDIDATES])
    part.run.results({f"{part.prefix}{name}": value for name, value in found.items()})


@harmless
def _log_iterations(part: _Part, estimator: Any) -> None:
    iterations = getattr(estimator, "n_iter_", None)
    found = numbers({"n_iter": iterations})
    if found:
        part.run.results({f"{part.prefix}{name}": value for name, value in found.items()})


@harmless
def _end_validation(part: Optional[_Part], scores: Any) -> None:
    if part is None:
        return
    columns = {name: list(values) for name, values in scores.items() if name.startswith(("test_", "train_"))}
    for fold in range(max(map(len, columns.values()), default=0)):
        part.run.log(numbers({f"{part.prefix}{name}": of[fold] for name, of in columns.items()}), step=fold)
    part.run.results(
        {f"{part.prefix}mean_{name}": sum(map(float, of)) / len(of) for name, of in columns.items() if of}
    )
    if part.ends_run:
        part.run.finish()


@harmless
def _scored(estimator: Any, value: Any) -> None:
    """A score that the caller asked for is one of the run in which the estimator was trained."""
    if _options is None or _is_inside():
        return
    run = _runs.get(estimator)
    found = numbers({"score": value})
    if run is not None and found:
        name = "score" if run._finished else f"{type(estimator).__name__}/score"
        run.results({name: found["score"]})
        if run._finished:
            # Each would need another file.
            run._release()
            del _runs[estimator]
