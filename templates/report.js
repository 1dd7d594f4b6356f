"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const filters = { flow: byId("flow"), fault: byId("fault"), criterion: byId("criterion") };
  const panel = byId("panel");
  const title = byId("panel-title");
  const body = byId("panel-body");
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // What a cell says of one promise, by its letter.
  const WORDS = {
    "-": ["na", "·"],
    h: ["held", "held"],
    b: ["healed", "boot"],
    r: ["healed", "retry"],
    w: ["violated", "(✗)"],
    v: ["violated", "✗"],
  };
  const criteria = [...filters.criterion.options].map((option) => option.value).slice(1);
  const cells = all("td[data-letters]").map((cell) => {
    const button = cell.querySelector("button");
    const found = button ? button.dataset.found.trim().split(" ") : [];
    return { cell, button, found, shown: cell.firstElementChild, word: cell.textContent, kind: cell.className };
  });

  const filter = () => {
    const { flow, fault, criterion } = filters;
    for (const section of all(".flow")) section.hidden = flow.value !== "" && section.dataset.flow !== flow.value;
    for (const part of all("[data-fault]")) part.hidden = fault.value !== "" && part.dataset.fault !== fault.value;
    const at = criteria.indexOf(criterion.value);
    let count = 0;
    for (const { cell, button, found, shown, word, kind } of cells) {
      [cell.className, shown.textContent] = at < 0 ? [kind, word] : WORDS[cell.dataset.letters[at]];
      const open = found.filter((name) => at < 0 || name === criterion.value).length;
      if (button) button.disabled = open === 0;
      if (!cell.hidden && !cell.closest(".flow").hidden) count += open;
    }
    byId("count").textContent = `${count} finding${count === 1 ? "" : "s"}`;
  };

  // Puts a clone of its template into each place that is open now.
  const fill = (root) => {
    for (const place of all("[data-use]", root)) {
      const closed = place.parentElement.closest("details:not([open])");
      if (!closed || !root.contains(closed)) {
        const content = byId(place.dataset.use).content.cloneNode(true);
        place.removeAttribute("data-use");
        place.append(content);
        fill(place);
      }
    }
  };

  const open = (button) => {
    const [flow, strategy, fault] = button.dataset.key.split("/");
    title.textContent = `${flow} / ${strategy}: ${fault === "none" ? "no fault" : fault}`;
    body.replaceChildren(byId(button.dataset.cell).content.cloneNode(true));
    const findings = all(".finding", body);
    for (const finding of findings) {
      finding.hidden = filters.criterion.value !== "" && finding.dataset.criterion !== filters.criterion.value;
    }
    const shown = findings.filter((finding) => !finding.hidden);
    if (shown.length === 1) shown[0].open = true;
    panel.showModal();
    body.scrollTop = 0;
    history.replaceState(null, "", `#${button.dataset.key}`);
  };

  const copy = async (button) => {
    const line = button.previousElementSibling.textContent;
    let done = true;
    try {
      await navigator.clipboard.writeText(line);
    } catch {
      // A page from a disk may not be trusted with the clipboard; the old way needs a selection.
      const area = document.createElement("textarea");
      area.value = line;
      button.after(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = done ? "Copied" : "Select and copy by hand";
    byId("said").textContent = button.textContent;
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  };

  // From cell to cell with the arrow keys.
  const move = (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const cell = event.target.closest?.("td[data-letters]");
    if (!step || !cell) return;
    event.preventDefault();
    const rows = all("tbody tr", cell.closest("table"));
    let [row, column] = [rows.indexOf(cell.parentElement), cell.cellIndex];
    for (;;) {
      row += step[0];
      column += step[1];
      const next = rows[row]?.cells[column];
      if (!next) return;
      const button = next.querySelector("button:not(:disabled)");
      if (button && !next.hidden) return button.focus();
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.cell) open(button);
    else if (button?.classList.contains("copy")) copy(button);
    else if (button?.id === "close" || event.target === panel) panel.close();
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.matches("details")) fill(event.target);
  }, true);
  document.addEventListener("keydown", move);
  panel.addEventListener("close", () => {
    body.replaceChildren();
    history.replaceState(null, "", "#");
  });
  const form = document.querySelector(".filters");
  form.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  // The fields are reset after the event.
  form.addEventListener("reset", () => setTimeout(filter));
  filter();
  const asked = decodeURIComponent(location.hash.slice(1));
  const button = asked && cells.find((cell) => cell.button?.dataset.key === asked)?.button;
  if (button) open(button);
})();
