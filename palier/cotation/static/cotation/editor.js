// Comfort only: the editor of a text works without this file.
"use strict";
const area = document.querySelector(".code textarea");
if (area) {
  const box = area.closest(".code");
  const gutter = box.querySelector(".gutter");
  const number = () => {
    const lines = area.value.split("\n");
    area.rows = lines.length + 1;
    area.cols = Math.min(2000, Math.max(40, ...lines.map((line) => line.length)) + 4);
    while (gutter.children.length > lines.length) {
      gutter.lastElementChild.remove();
      gutter.lastChild?.remove();
    }
    for (let n = gutter.children.length + 1; n <= lines.length; n++) {
      const mark = document.createElement("span");
      mark.id = `l${n}`;
      mark.textContent = n;
      if (n > 1) gutter.append("\n");
      gutter.append(mark);
    }
  };
  const show = (wanted) => {
    const lines = area.value.split("\n");
    const start = lines.slice(0, wanted - 1).join("\n").length + (wanted > 1 ? 1 : 0);
    area.focus({ preventScroll: true });
    area.setSelectionRange(start, start + (lines[wanted - 1] ?? "").length);
    gutter.querySelector(".here")?.classList.remove("here");
    const mark = document.getElementById(`l${wanted}`);
    if (!mark) return;
    mark.classList.add("here");
    box.scrollIntoView({ block: "nearest" });
    box.scrollTo({ top: mark.offsetTop - box.offsetTop - box.clientHeight / 3, left: 0 });
  };
  area.addEventListener("input", number);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    show(Number(link.dataset.line));
  });
  const asked = /^#l(\d+)$/.exec(location.hash);
  if (asked) show(Number(asked[1]));
}
