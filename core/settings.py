"""Where things lie and how far they may go, from the environment (prefix ``PARALLAX_``)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DATA = Path(__file__).resolve().parent.parent / "data"


def _cache_dir() -> Path:
    return Path(platformdirs.user_cache_dir("parallax", appauthor=False))


def _runs_dir() -> Path:
    return Path(platformdirs.user_data_dir("parallax", appauthor=False)) / "runs"


class Settings(BaseSettings):
    """All settings, with defaults that work on a fresh machine."""

    model_config = SettingsConfigDict(env_prefix="PARALLAX_", extra="ignore")

    cache_dir: Path = Field(default_factory=_cache_dir, description="model weights; safe to delete")
    runs_dir: Path = Field(default_factory=_runs_dir, description="what you measured; keep it")
    models: Path | None = Field(default=None, description="your own models.toml, read after the shipped one")
    dilemmas: Path | None = Field(default=None, description="your own dilemmas, in the form of data/dilemmas")
    mock: bool = Field(default=False, description="offer the mock model, whose answers are made up")
    mock_delay_s: float = Field(default=0.0, ge=0, le=10, description="how long the mock model takes for an answer")
    offline: bool = Field(default=False, description="never open a connection to a hub or registry")
    threads: int | None = Field(default=None, ge=1, description="CPU threads of a local model")
    max_in_flight: int = Field(default=16, ge=1, le=256, description="requests under way at once, per endpoint")
    max_retries: int = Field(default=3, ge=0, le=10, description="how often a request to a hosted model is repeated")
    request_timeout_s: float = Field(default=60.0, gt=0, description="longest wait for one answer of a hosted model")
    private_endpoints: bool = Field(default=False, description="allow endpoints in private networks, not only loopback")
    max_prompt_chars: int = Field(default=8_000, ge=100, description="longest text a question or prompt may have")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Tests call ``settings.cache_clear()``."""
    return Settings()
