/* The bar: menus close by themselves, and [ and ] lead to the period before and after. */
"use strict";

const MENUS = "details.picker, details.menu";
const SINGLE_KEYS = { "[": "prev", "]": "next" };

/** Whether what is typed belongs to a field. Who wants no single keys says so in the profile. */
function takesText(element) {
  return element.closest("input, select, textarea, [contenteditable]") !== null;
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
  const plain = !(event.ctrlKey && !event.getModifierState("AltGraph")) && !event.metaKey && !event.defaultPrevented;
  if (!way || !plain || takesText(event.target) || document.body.dataset.singleKeys === "off") return;
  document.querySelector(`.period a[rel="${way}"]`)?.click();
});
document.addEventListener("click", (event) => closeMenus(event.target.closest(MENUS)));
