"""Settings from the environment (prefix ``PARALLAX_``): folders, limits, addresses and keys."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Self

import platformdirs
from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import InputError, Said, said
from core.once import once

_PACKAGE = Path(__file__).resolve().parent
DATA = next(place for place in (_PACKAGE / "data", _PACKAGE.parent / "data") if (place / "models.toml").is_file())
"""The folder of the shipped data: inside an installed package, beside the package in a checkout."""
PREFIX = "PARALLAX_"
PUBLIC_PROMPT_CHARS = 2_000
"""Most characters of a question or prompt in a public demonstration."""


def _cache_dir() -> Path:
    return _somewhere(platformdirs.user_cache_dir, "cache")


def _runs_dir() -> Path:
    return _somewhere(platformdirs.user_data_dir, "data") / "runs"


def _adapters_dir() -> Path:
    return _somewhere(platformdirs.user_data_dir, "data") / "adapters"


def _somewhere(usual: Callable[..., str], name: str) -> Path:
    """The folder that ``usual`` gives, or one in the folder for temporary files where the user has no home."""
    try:
        path = Path(usual("parallax", appauthor=False))
    except RuntimeError:
        # No variable names the home folder and the system has no account for this user, as in many containers.
        path = Path()
    return path if path.is_absolute() else Path(tempfile.gettempdir()) / "parallax" / name


class Settings(BaseSettings):
    """All settings. The defaults work on a fresh machine."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    cache_dir: Path = Field(default_factory=_cache_dir, description="model weights and computed frames; safe to delete")
    runs_dir: Path = Field(
        default_factory=_runs_dir,
        description="what you measured; keep it. A folder, or an address such as s3://bucket/folder",
    )
    runs_address: str | None = Field(default=None, description="filled where PARALLAX_RUNS_DIR is an address")
    adapters_dir: Path = Field(default_factory=_adapters_dir, description="models that you tuned; keep them")
    models: Path | None = Field(default=None, description="your own models.toml, read after the shipped one")
    dilemmas: Path | None = Field(default=None, description="your own dilemmas, in the form of data/dilemmas")
    mock: bool = Field(default=False, description="offer the mock model, whose answers are made up")
    mock_delay_s: float = Field(default=0.0, ge=0, le=10, description="how long the mock model takes for an answer")
    warm_up: bool = Field(default=True, description="compute, once the app stands, what first visits would wait for")
    keep_frames: bool = Field(default=True, description="keep on disk what pages compute, for the next start")
    frames_dir: Path | None = Field(default=None, description="where they are kept; unset: in the cache")
    offline: bool = Field(default=False, description="never open a connection to a hub or registry")
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="where local models compute")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="number format of local models; auto: what was measured to be faster"
    )
    threads: int | None = Field(default=None, ge=1, description="CPU threads of a local model")
    ray_cores: int = Field(default=4, ge=1, description="cores of one Ray worker that computes a model without a GPU")
    ray_workers: int | None = Field(default=None, ge=1, description="most Ray workers; unset: as many as there is room")
    max_in_flight: int = Field(default=16, ge=1, le=256, description="requests under way at once, per endpoint")
    max_retries: int = Field(default=3, ge=0, le=10, description="how often a request to a hosted model is repeated")
    request_timeout_s: float = Field(default=60.0, gt=0, description="longest wait for one answer of a hosted model")
    aggregate_above: int = Field(
        default=1_000_000, ge=0, description="a run with more answers opens through its aggregate, once it has one"
    )
    private_endpoints: bool = Field(default=False, description="allow endpoints in private networks, not only loopback")
    loopback_endpoints: bool | None = Field(
        default=None, description="allow endpoints on this computer; unset: yes, unless others can open the app"
    )
    allowed_hosts: str = Field(default="", description="hosts that may be called wherever they are, with commas")
    max_prompt_chars: int = Field(default=8_000, ge=100, description="longest text a question or prompt may have")
    public: bool = Field(default=False, description="a demonstration that strangers open: little can be set or spent")
    public_models: str = Field(default="", description="ids of models that it may ask beside the built-in one")
    public_asks: int = Field(default=5, ge=1, description="asks that a visitor of it has at once")
    public_asks_per_minute: float = Field(default=3.0, gt=0, description="asks that come back to a visitor of it")
    public_asks_per_address: int = Field(
        default=20, ge=0, description="asks that all visitors of one address have at once in it; 0: no such limit"
    )
    public_prompts: int = Field(default=120, ge=1, description="most prompts that one ask in it may have")
    classes: int = Field(default=20, ge=1, le=1_000, description="lessons with a class that may go on at once")
    class_pupils: int = Field(default=60, ge=1, le=1_000, description="most pupils of one of them")
    class_minutes: int = Field(default=120, ge=1, le=1_440, description="minutes after which it ends, and is forgotten")

    @model_validator(mode="before")
    @classmethod
    def _mirrored(cls, values: Any) -> Any:
        """Runs at an address, such as ``s3://bucket/folder``, are mirrored in a folder of their own."""
        if not isinstance(values, dict):
            return values
        # Told alone, it would make a mirror of the folder of runs, and a mirror drops what the store does not have.
        values = {name: value for name, value in values.items() if name != "runs_address"}
        told = values.get("runs_dir")
        if not isinstance(told, str) or "://" not in told:
            return values
        name = hashlib.sha256(told.rstrip("/").encode()).hexdigest()[:16]
        place = _somewhere(platformdirs.user_data_dir, "data") / "mirrors" / name / "runs"
        return {**values, "runs_dir": place, "runs_address": told.rstrip("/")}

    @model_validator(mode="after")
    def _strangers_type_less(self) -> Self:
        if self.public:
            self.max_prompt_chars = min(self.max_prompt_chars, PUBLIC_PROMPT_CHARS)
        return self

    @property
    def hosts(self) -> frozenset[str]:
        """:attr:`allowed_hosts` as a set: ``host`` or ``host:port``, in lower case."""
        return frozenset(_listed(self.allowed_hosts.lower()))

    @property
    def models_in_public(self) -> frozenset[str]:
        """:attr:`public_models` as a set."""
        return frozenset(_listed(self.public_models))


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def wrong_values() -> dict[str, Said]:
    """The variables whose values cannot be used, each with the reason."""
    try:
        Settings()
    except ValidationError as error:
        return {
            f"{PREFIX}{str(found['loc'][0]).upper()}": said(
                "part_setting",
                value=str(found["input"])[:60],
                reason=_reason(found["type"], found.get("ctx", {}), found["msg"]),
            )
            for found in error.errors()
            if found["loc"]
        }
    return {}


def _reason(kind: str, limits: dict[str, Any], message: str) -> Said | str:
    """Why a value cannot be used: in our words, or in those of pydantic where we have none."""
    if kind in ("int_parsing", "int_from_float", "int_type"):
        return said("part_whole_number")
    if kind in ("float_parsing", "float_type"):
        return said("part_number")
    if kind in ("bool_parsing", "bool_type"):
        return said("part_yes_or_no")
    if kind == "literal_error":
        return said("part_one_of", choices=limits["expected"])
    if kind == "greater_than_equal":
        return said("part_at_least", least=limits["ge"])
    if kind == "greater_than":
        return said("part_more_than", least=limits["gt"])
    if kind == "less_than_equal":
        return said("part_at_most", most=limits["le"])
    return message


@once
def settings() -> Settings:
    """The settings of this process, read once. Tests call ``settings.cache_clear()`` to have them read again.

    Raises :class:`~core.errors.InputError` that names the variables whose values cannot be used.
    """
    try:
        return Settings()
    except ValidationError:
        name, what = next(iter(wrong_values().items()))
        raise InputError(said("setting", name=name, what=what)) from None
