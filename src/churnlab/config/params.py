"""params.yaml: every knob of the pipeline, typed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from churnlab.config.event_params import EventStudy
from churnlab.config.reading import read_yaml_mapping
from churnlab.config.search_space import Dimension
from churnlab.config.store_params import Store, StoreStudy, wrong_store_studies
from churnlab.config.validation import mistakes, parse, suggestion, unknown_names
from churnlab.errors import ChurnlabError

SplitMode = Literal["published", "random", "time"]
Variant = Literal["engineered", "reduced", "all"]
Objective = Literal["log_loss", "f1", "average_precision", "roc_auc"]
PrimaryMetric = Literal["log_loss", "roc_auc", "average_precision", "brier", "f1"]
Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0)]
Folds = Annotated[int, Field(ge=2)]
# NumPy's legacy seeding, which scikit-learn uses, takes 32 bits.
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Item = TypeVar("Item")


def _named_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise ValueError(f"'{twice[0]}' is listed twice; list it once")
    if bad := [name for name in names if not name.isidentifier()]:
        raise ValueError(f"'{bad[0]}' is not a name; use letters, digits and _")
    return names


# YAML has lists, and only the container, not its items, may be converted.
Sequence = Annotated[tuple[Item, ...], Field(strict=False, min_length=1)]
Names = Annotated[Sequence[str], AfterValidator(_named_once)]
# `studies` by kind, customer tables and event tables; the pipeline's templates cannot tell.
SomeNames = Annotated[tuple[str, ...], Field(strict=False), AfterValidator(_named_once)]


class Section(BaseModel):
    """A block of params.yaml: strict types, no unknown keys, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Split(Section):
    """How rows go to the train and test parts; further keys are studies and their mode."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    __pydantic_extra__: dict[str, SplitMode]

    test_share: Share
    seed: Seed

    def mode(self, study: str) -> SplitMode:
        """Return how `study` is split; `random` where nothing is said."""
        return self.__pydantic_extra__.get(study, "random")


class Prepare(Section):
    """Rules of preparation."""

    correlation_threshold: Annotated[float, Field(gt=0, le=1)]


class Tune(Section):
    """The search for parameters: objective, folds, trials asked for side by side, spaces."""

    objective: Objective
    folds: Folds
    startup_trials: NotNegative
    batch: Positive
    trials: dict[str, Positive]
    space: dict[str, dict[str, Dimension]]


class CrossValidate(Section):
    """Repeated stratified K-fold."""

    folds: Folds
    repeats: Positive


class Blend(Section):
    """How the blended probability is calibrated."""

    calibration: Literal["none", "platt", "isotonic"]


class Evaluate(Section):
    """Intervals and calibration bins."""

    bootstrap_samples: Annotated[int, Field(ge=100)]
    confidence: Share
    calibration_bins: Folds


class Compare(Section):
    """The metric that chooses the champion, its tests' level, a simpler model's margin."""

    primary: PrimaryMetric
    alpha: Share
    margin: Annotated[float, Field(ge=0, lt=1)]


class Errors(Section):
    """Slices and learning curves of the error analysis."""

    slice_min_rows: Positive
    slices: Positive
    learning_folds: Folds
    learning_fractions: Sequence[Annotated[float, Field(gt=0, le=1)]]


class Explain(Section):
    """Size of the explanation: customers drawn for Shapley values in all, permutations."""

    rows: Positive
    permutation_repeats: Positive


def _falling(groups: dict[str, float]) -> dict[str, float]:
    if list(groups.values()) != sorted(set(groups.values()), reverse=True):
        raise ValueError("the lowest probabilities must fall; put the riskiest group first")
    return groups


class Score(Section):
    """The list of customers by risk.

    `groups` are the lowest probabilities of the risk groups, the riskiest first; the rest is `low`.
    The first `explained` customers get `reasons`. An interval looks at so many customers `alike`.
    """

    groups: Annotated[dict[str, Share], AfterValidator(_falling)]
    reasons: Positive
    explained: Positive
    alike: Annotated[int, Field(ge=30)]


class Protocols(Section):
    """The ledger of honest and flawed protocols."""

    folds: Folds
    repeats: Positive
    model: str


class Params(Section):
    """The whole of params.yaml."""

    seed: Seed
    threads: Positive
    studies: Names
    table_studies: SomeNames = ()
    event_studies: SomeNames = ()
    models: Names
    split: Split
    prepare: Prepare
    features: dict[str, Variant]
    events: dict[str, EventStudy] = Field(default_factory=dict)
    tune: Tune
    cross_validate: CrossValidate
    blend: Blend
    evaluate: Evaluate
    compare: Compare
    errors: Errors
    explain: Explain
    score: Score
    protocols: Protocols
    store: Store = Field(default_factory=Store)

    @property
    def most_folds(self) -> int:
        """The largest number of folds that any stage cuts the training part into."""
        judged = max(self.cross_validate.folds, self.errors.learning_folds, self.protocols.folds)
        return max(judged, self.tune.folds)

    def variant(self, study: str) -> Variant:
        """Return the feature variant of `study`; `engineered` where nothing is said."""
        return self.features.get(study, "engineered")

    def event_study(self, study: str) -> EventStudy:
        """Return how the events of `study` become rows.

        Raises:
            ChurnlabError: nothing is said of it.
        """
        if study not in self.events:
            raise ChurnlabError(
                f"params.yaml: events.{study}: the key is missing; a study of event tables needs "
                "its horizon, windows and reference dates there"
            )
        return self.events[study]

    def served_study(self, study: str) -> StoreStudy:
        """Return how the features of `study` are served.

        Raises:
            ChurnlabError: nothing is said of it.
        """
        if study not in self.store.studies:
            raise ChurnlabError(
                f"params.yaml: store.studies: no study '{study}'; "
                f"{suggestion(study, self.store.studies)}; a study that is to be served needs its "
                "source, entity, ids, owner and freshness_days there"
            )
        return self.store.studies[study]


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Return the validated parameters; studies are those with a catalog beside the file.

    Raises:
        ChurnlabError: the file is missing or not YAML, or holds unknown, missing or wrong keys and
            values; all of them are named with their path and the nearest right one.
    """
    document = read_yaml_mapping(path)
    catalogs = sorted(file.stem for file in (path.parent / "data" / "catalog").glob("*.yaml"))
    # First, because a misspelt key beside the studies would be taken for a study.
    if lines := _wrong_split_keys(document.get("split"), catalogs):
        raise mistakes(path, lines)
    params = parse(Params, document, path)
    if lines := _wrong_names(params, catalogs):
        raise mistakes(path, lines)
    return params


def _wrong_split_keys(section: object, catalogs: list[str]) -> list[str]:
    keys = section if isinstance(section, dict) else {}
    return unknown_names("split", "key", keys, [*Split.model_fields, *catalogs])


def _wrong_kinds(params: Params) -> list[str]:
    """Return the studies that are listed under no kind, or under both, or under a kind alone."""
    kinds = {"table_studies": params.table_studies, "event_studies": params.event_studies}
    lines = [
        line
        for kind, names in kinds.items()
        for line in unknown_names(kind, "study", names, list(params.studies))
    ]
    for study in params.studies:
        listed = [kind for kind, names in kinds.items() if study in names]
        if len(listed) != 1:
            said = "neither" if not listed else "both"
            lines.append(
                f"studies: '{study}' is in {said} of table_studies and event_studies; list it in "
                "the one that its catalog says"
            )
    return lines


def _wrong_names(params: Params, catalogs: list[str]) -> list[str]:
    """Return what only a look across sections can find."""
    lines = unknown_names("studies", "study", params.studies, catalogs)
    lines += _wrong_kinds(params)
    lines += wrong_store_studies(params.store, params.studies, params.event_studies)
    lines += unknown_names("features", "study", params.features, catalogs)
    for section, named in (("trials", params.tune.trials), ("space", params.tune.space)):
        lines += [
            f"models: '{name}' has no entry in tune.{section}; add one, or correct the name "
            f"({suggestion(name, named)})"
            for name in params.models
            if name not in named
        ]
    lines += unknown_names(
        "protocols.model", "model", [params.protocols.model], [*params.tune.space]
    )
    return lines
