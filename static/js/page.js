/* Small comforts; every page works without them. */
"use strict";

for (const form of document.querySelectorAll("form[data-auto-submit]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

const pickers = document.querySelectorAll("details.picker, details.menu");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const picker of pickers) {
    if (!picker.open) continue;
    picker.open = false;
    picker.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const picker of pickers) {
    if (!picker.contains(event.target)) picker.open = false;
  }
});
