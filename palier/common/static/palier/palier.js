/* Comfort only: every page works without this file. */
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("[data-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});
// Leaves without the page staying behind the Back button.
document.addEventListener("click", (event) => {
  const quit = event.target.closest("[data-quit]");
  if (!quit) return;
  event.preventDefault();
  window.location.replace(quit.href);
});
const errors = document.querySelector("[data-focus]");
if (errors) errors.focus();
// Hidden without this file: the browser's own menu prints as well.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
