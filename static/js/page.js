/* Small comforts; every page works without them. */
"use strict";

for (const form of document.querySelectorAll("form[data-auto-submit]")) {
  form.addEventListener("change", () => form.requestSubmit());
}
