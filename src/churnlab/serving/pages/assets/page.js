// The page works without this file. It lets the what-if answer while a value is changed.
"use strict";

const form = document.getElementById("what-if");
if (form) {
  const result = document.getElementById("result");
  const wrong = document.getElementById("what-if-wrong");
  const status = document.getElementById("what-if-status");
  const DELAY = 120;
  let waiting = 0;
  let asked = null;

  for (const slider of form.querySelectorAll("input[type=range]")) {
    const field = document.getElementById(slider.dataset.for);
    slider.hidden = false;
    slider.addEventListener("input", () => {
      field.value = Number.isInteger(slider.valueAsNumber) ? slider.value : slider.valueAsNumber.toFixed(2);
    });
    field.addEventListener("input", () => {
      if (field.value !== "") slider.value = field.value;
    });
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, DELAY);
  });

  async function ask() {
    if (asked) asked.abort();
    asked = new AbortController();
    const query = new URLSearchParams(new FormData(form));
    // Sliders stand for the numbers beside them, and have no name of their own.
    try {
      const answer = await fetch(`${form.dataset.live}?${query}`, { signal: asked.signal });
      if (!(answer.headers.get("content-type") || "").startsWith("application/json")) {
        // The session has ended: the form itself leads to the sign-in.
        form.submit();
        return;
      }
      const told = await answer.json();
      if (answer.ok) show(told);
      else complain(told.wrong || []);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  function show(told) {
    complain([]);
    for (const [name, text] of Object.entries(told.said)) {
      result.querySelector(`[data-out="${name}"]`).textContent = text;
    }
    result.className = `result risk-${told.risk}`;
    const bar = result.querySelector("svg");
    const place = (part, x, width) => {
      const drawn = bar.querySelector(part);
      drawn.setAttribute("x", x);
      drawn.setAttribute("width", width);
    };
    place(".fill", 0, 100 * told.p);
    place(".span", 100 * told.low, Math.max(100 * (told.high - told.low), 0.6));
    place(".point", Math.max(100 * told.p - 0.6, 0), 1.2);
    status.textContent = `${told.said.p}, ${told.said.change}`;
  }

  function complain(texts) {
    wrong.replaceChildren(...texts.map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }));
    wrong.classList.toggle("empty", texts.length === 0);
  }
}
