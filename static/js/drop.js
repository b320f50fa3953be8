/* A file may be dropped where it could be chosen; without script it is chosen. */
"use strict";

for (const place of document.querySelectorAll("[data-drop]")) {
  const field = place.querySelector("input[type=file]");
  const chosen = place.querySelector("[data-chosen]");
  const label = place.querySelector("label");
  label.textContent = "File: drop it here, or choose it";

  const over = (is) => place.classList.toggle("over", is);
  const tell = () => {
    const file = field.files[0];
    chosen.textContent = file ? `${file.name}, ${Math.max(1, Math.round(file.size / 1024)).toLocaleString("en-GB")} kB` : "";
  };
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  place.addEventListener("dragleave", () => over(false));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer.files.length) {
      field.files = event.dataTransfer.files;
      tell();
    }
  });
  field.addEventListener("change", tell);
}
