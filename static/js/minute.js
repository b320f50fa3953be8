/* A slider beside the number of progress; the number alone is sent, and works without it. */
"use strict";

for (const pair of document.querySelectorAll(".progress-pair")) {
  const number = pair.querySelector("input");
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = number.min;
  slider.max = number.max;
  slider.step = 5;
  slider.value = number.value || 0;
  slider.setAttribute("aria-label", "Progress, as a slider");
  slider.addEventListener("input", () => {
    number.value = slider.value;
  });
  number.addEventListener("input", () => {
    slider.value = number.value;
  });
  pair.prepend(slider);
}
