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
// A paper form is typed by keyboard alone: Enter saves from a list too, as it does from a text field.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-keyed] select")) return;
  event.preventDefault();
  const form = event.target.form;
  form.requestSubmit(form.querySelector("button"));
});
const errors = document.querySelector("[data-focus]");
if (errors) errors.focus();
// Hidden without this file: the browser's own menu prints as well.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// A letter opens beside the page, which says what was done once one comes back to it.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-refresh]")) return;
  window.addEventListener("focus", () => window.location.reload(), { once: true });
});
