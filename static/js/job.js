/* How far a job is: asked for again while it runs, and the page is read anew when it is over. */
"use strict";

for (const place of document.querySelectorAll("[data-job]")) {
  const bar = place.querySelector("progress");
  const says = place.querySelector("[data-job-says]");
  let pause = 500;

  const look = async () => {
    try {
      const answer = await fetch(place.dataset.job, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const told = await answer.json();
        if (told.over) {
          window.location.reload();
          return;
        }
        if (says.textContent !== told.sentence) says.textContent = told.sentence;
        if (bar && told.of) bar.value = Math.min(100, (100 * told.done) / told.of);
      }
    } catch {
      // the server may be away for a moment: ask again
    }
    pause = Math.min(pause * 1.2, 3000);
    window.setTimeout(look, pause);
  };

  window.setTimeout(look, pause);
}
