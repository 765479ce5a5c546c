// ---- the Jacobian: its rows lit up by their weights, and added up to what backward(v) gave ----

function jacobianTable(view) {
  const { labels, jacobian } = view;
  const words = labels.jacobian;
  const choice = make("label", "sg-choice sg-jacobian-choice", jacobian);
  make("span", "", choice).textContent = words.jacobian_of;
  const select = make("select", "sg-select", choice);
  suppressShortcuts(select);
  select.addEventListener("change", () => {
    view.model.set("jacobian_of", select.value);
    view.model.save_changes();
  });
  const offer = (inputs) => {
    select.replaceChildren();
    for (const name of ["", ...inputs]) {
      const option = make("option", "", select);
      option.value = name;
      option.textContent = name || words.jacobian_all;
    }
  };
  const note = make("div", "sg-muted sg-jacobian-note", jacobian);
  const title = make("div", "sg-muted sg-jacobian-title", jacobian);
  title.textContent = words.jacobian;
  const wrap = make("div", "sg-jacobian-wrap", jacobian);
  wrap.tabIndex = 0;
  suppressShortcuts(wrap);
  wrap.setAttribute("role", "region");
  wrap.setAttribute("aria-label", words.jacobian);
  const table = make("table", "sg-jacobian-table", wrap);
  table.setAttribute("aria-label", words.jacobian);
  const verdict = make("div", "sg-jacobian-verdict", jacobian);
  let built = "";
  let offered = "";
  let cells;

  const line = (part, heading, kind, count) => {
    const row = make("tr", kind, part);
    const weight = make("td", "sg-weight", row);
    const name = make("th", "", row);
    name.scope = "row";
    name.textContent = heading;
    return { row, weight, cells: Array.from({ length: count }, () => make("td", "", row)) };
  };
  const divide = (starts) => {
    for (const row of table.rows) for (const j of starts) row.cells[j + 2].classList.add("sg-begins");
  };
  const build = (shown) => {
    table.replaceChildren();
    const head = make("tr", "", make("thead", "", table));
    for (const text of [words.jacobian_weights, "", ...shown.columns]) {
      const cell = make(text ? "th" : "td", "", head);
      cell.textContent = text;
      if (text) cell.scope = "col";
    }
    const body = make("tbody", "", table);
    const rows = shown.rows.map((name) => line(body, name, "sg-jacobian-row", shown.columns.length));
    const foot = make("tfoot", "", table);
    cells = {
      rows,
      sum: line(foot, words.jacobian_sum, "sg-jacobian-sum", shown.columns.length),
      grad: line(foot, words.jacobian_gradient, "sg-jacobian-grad", shown.columns.length),
    };
    divide(shown.starts);
  };
  const fill = (found, texts) => found.cells.forEach((cell, j) => setText(cell, texts[j]));

  return {
    show() {
      const shown = view.shown.state.jacobian;
      jacobian.hidden = !shown;
      if (!shown) return;
      const inputs = keyOf(shown.inputs);
      choice.hidden = !shown.inputs.length;
      if (inputs !== offered) offer(shown.inputs);
      offered = inputs;
      if (select !== select.ownerDocument.activeElement || select.value !== view.model.get("jacobian_of")) select.value = shown.of;
      setText(note, shown.note ?? "");
      title.hidden = wrap.hidden = verdict.hidden = shown.note !== undefined;
      if (shown.note !== undefined) return;
      const form = keyOf([shown.rows, shown.columns, shown.starts]);
      if (form !== built) build(shown);
      built = form;
      cells.rows.forEach((found, i) => {
        setText(found.weight, shown.weights[i]);
        found.row.style.setProperty("--sg-light", shown.lights[i]);
        fill(found, shown.cells[i]);
        found.cells.forEach((cell, j) => {
          const part = shown.parts[i][j] ?? 1;
          cell.classList.toggle("sg-below", part < 0);
          cell.style.setProperty("--sg-part", `${Math.round(Math.abs(part) * 45)}%`);
        });
      });
      fill(cells.sum, shown.sum);
      fill(cells.grad, shown.grads);
      setText(verdict, shown.same ? words.jacobian_same : words.jacobian_other);
      verdict.classList.toggle("sg-bad", !shown.same);
    },
  };
}
