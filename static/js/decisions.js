/* Pages of decisions: marking a group marks and does not send, a rejection puts the cursor where its reason goes, and
   the line beside the button says what sending does, as the server works it out. Without it the buttons that mark send
   the form, and it comes back marked. */
"use strict";

for (const form of document.querySelectorAll("[data-decisions]")) {
  const send = form.querySelector("[data-send]");
  const said = form.querySelector("[data-said]");
  const effect = form.querySelector("[data-effect]");
  const radios = Array.from(form.querySelectorAll('input[type="radio"]'));
  const total = new Set(radios.map((radio) => radio.name)).size;
  let asked = 0;
  let waiting = 0;
  document.documentElement.classList.add("with-script");

  const rowOf = (radio) => radio.closest("[data-row]");

  const count = () => {
    const checked = radios.filter((radio) => radio.checked);
    const approved = checked.filter((radio) => radio.value === "approve");
    const decided = checked.length === 1 ? "1 decision" : `${checked.length} decisions`;
    send.textContent = checked.length ? `Send ${decided}` : "Send";
    if (checked.length) {
      said.textContent =
        `${checked.length} of ${total} decided: ${approved.length} ${form.dataset.yes || "approved"}, ` +
        `${checked.length - approved.length} ${form.dataset.no || "rejected"}.`;
    }
  };

  const ask = async () => {
    asked += 1;
    const mine = asked;
    try {
      const answer = await fetch(form.dataset.decisions, { method: "POST", body: new FormData(form) });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      if (mine !== asked) return;
      said.textContent = told.said;
      effect.textContent = told.effect;
      send.textContent = told.button;
    } catch {
      if (mine === asked) effect.textContent = "What this changes could not be worked out just now.";
    }
  };

  const changed = () => {
    count();
    window.clearTimeout(waiting);
    waiting = window.setTimeout(ask, 150);
  };

  form.addEventListener("change", (event) => {
    const radio = event.target;
    if (!radio.matches('input[type="radio"]')) return;
    changed();
    if (radio.value === "reject" || rowOf(radio).hasAttribute("data-says")) {
      const reason = rowOf(radio).nextElementSibling.querySelector("input");
      // The arrow keys choose a radio too: the cursor stays with them.
      if (!radio.matches(":focus-visible")) reason.focus();
    }
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="mark"]');
    if (!button || !button.value) return;
    event.preventDefault();
    const group = button.value === "usual" ? "[data-group]" : `[data-group="${button.value}"]`;
    for (const row of form.querySelectorAll(`${group} [data-row]`)) {
      const both = Array.from(row.querySelectorAll('input[type="radio"]'));
      if (!both.some((radio) => radio.checked)) both[0].checked = true;
    }
    changed();
  });

  form.addEventListener("keydown", (event) => {
    // Enter in a reason sends nothing.
    if (event.key === "Enter" && event.target.matches(".why input")) event.preventDefault();
  });

  window.addEventListener("pageshow", () => {
    // A browser that goes back keeps what was marked.
    if (radios.some((radio) => radio.checked)) changed();
  });

  const wrong = form.querySelector("[aria-invalid]");
  if (wrong) wrong.focus();
}
