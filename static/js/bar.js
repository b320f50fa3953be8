/* The bar: menus close by themselves, [ and ] lead to the period before and after, Ctrl-K and / to the search. */
"use strict";

const MENUS = "details.picker, details.menu";
const SINGLE_KEYS = { "[": "prev", "]": "next" };

/** Whether what is typed belongs to a field. */
function takesText(element) {
  return element.closest("input, select, textarea, [contenteditable]") !== null;
}

/** Whether single keys do something for this person: who wants none says so in the profile. */
function usesSingleKeys() {
  return document.body.dataset.singleKeys !== "off";
}

/** Whether a key was pressed by itself, to do something with the page. */
function isSingleKey(event) {
  const alone = !(event.ctrlKey && !event.getModifierState("AltGraph")) && !event.metaKey && !event.defaultPrevented;
  return alone && usesSingleKeys() && !takesText(event.target) && !document.querySelector("dialog[open]");
}

function closeMenus(but) {
  for (const menu of document.querySelectorAll(MENUS)) {
    if (!menu.open || menu === but) continue;
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return closeMenus(null);
  const way = SINGLE_KEYS[event.key];
  if (way && isSingleKey(event)) document.querySelector(`.period a[rel="${way}"]`)?.click();
});
document.addEventListener("click", (event) => closeMenus(event.target.closest(MENUS)));

/* The search: a field with its list of results (the combobox pattern). Without this, the link leads to its page. */
function readySearch(dialog) {
  const field = dialog.querySelector("[role=combobox]");
  const list = dialog.querySelector("[role=listbox]");
  const said = dialog.querySelector("[role=status]");
  let waiting = 0;
  let asking = null;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  }

  function show(html) {
    list.innerHTML = html;
    choose(null);
    field.setAttribute("aria-expanded", String(options().length > 0));
    said.textContent = list.querySelector(".search-said")?.textContent.trim() ?? "";
  }

  async function ask() {
    asking?.abort();
    const text = field.value.trim();
    if (!text) return show("");
    asking = new AbortController();
    try {
      const answer = await fetch(`${list.dataset.url}?q=${encodeURIComponent(text)}`, { signal: asking.signal });
      if (answer.ok && !answer.redirected) show(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") show("");
    }
  }

  function step(by) {
    const all = options();
    const place = all.indexOf(chosen()) + by;
    choose(place < -1 ? all.at(-1) : (all[place] ?? null));
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !event.isComposing && chosen()) {
      event.preventDefault();
      chosen().click();
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return () => {
    if (dialog.open) return field.select();
    closeMenus(null);
    dialog.showModal();
    field.select();
  };
}

const searchDialog = document.querySelector("#search");
if (searchDialog) {
  const openSearch = readySearch(searchDialog);
  document.addEventListener("keydown", (event) => {
    const isHotKey = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
    if (!isHotKey && !(event.key === "/" && isSingleKey(event))) return;
    event.preventDefault();
    openSearch();
  });
  document.querySelector(".search-open")?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openSearch();
  });
}
