"""The service that is written first: FastAPI, Pydantic, pandas and joblib."""

from __future__ import annotations

import os
from typing import Any

import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel, create_model

held = joblib.load(os.environ["PLAIN_MODEL"])
fields: Any = dict.fromkeys(held["columns"], (float, ...))
Row: Any = create_model("Row", **fields)


class Asked(BaseModel):
    """Rows to score."""

    rows: list[Row]


app = FastAPI()


@app.post("/predict")
def predict(asked: Asked) -> dict[str, list[float]]:
    """Return a probability for every row."""
    frame = pd.DataFrame([row.model_dump() for row in asked.rows])[held["columns"]]
    return {"p": held["model"].predict_proba(frame.to_numpy())[:, 1].tolist()}
