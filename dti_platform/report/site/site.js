// Makes tables with data-sortable sort, and forms with data-filter filter them; without it, all rows stand in order.
"use strict";
for (const form of document.querySelectorAll("form[data-filter]")) {
  const rows = [...document.querySelectorAll(`#${form.dataset.filter} tbody tr`)];
  const count = form.querySelector("output");
  const folded = text => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
  const filter = () => {
    const words = folded(form.elements.words ? form.elements.words.value : "").trim();
    const region = form.elements.region ? form.elements.region.value : "";
    let shown = 0;
    for (const row of rows) {
      row.hidden = !(folded(row.dataset.words || row.textContent).includes(words) && (!region || row.dataset.region === region));
      shown += !row.hidden;
    }
    if (count) count.value = `${shown}/${rows.length}`;
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", event => event.preventDefault());
  filter();
}
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  table.querySelectorAll("thead th[data-sort]").forEach(head => {
    const place = [...head.parentNode.children].indexOf(head);
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => row.cells[place].dataset.key ?? row.cells[place].textContent.trim();
      const number = head.dataset.sort === "number";
      const compare = (a, b) => number ? a - b : a.localeCompare(b, "vi");
      const rows = [...body.rows].sort((one, other) => {
        const a = key(one), b = key(other);
        if (a === "" || b === "") return (a === "") - (b === "");
        return down ? compare(b, a) : compare(a, b);
      });
      body.append(...rows);
    });
  });
}
