// The page's side of secant: draws what Python computed, and turns moves into traits. No numbers of f are made here.

const SVG = "http://www.w3.org/2000/svg";

function make(space, tag, attributes, children) {
  const element = space ? document.createElementNS(space, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const html = (tag, attributes = {}, ...children) => make(null, tag, attributes, children);
const svg = (tag, attributes = {}, ...children) => make(SVG, tag, attributes, children);

// JupyterLab's command mode takes keys from every focused element that does not say this about itself.
const KEYS = { "data-lm-suppress-shortcuts": "true" };

function render({ model, el }) {
  const { title, curve, size, margin, axes, ticks, lowest, notches, precisions, kinds, labels } = model.get("spec");
  const [width, height] = size;
  const [top, right, bottom, left] = margin;
  let frame = 0;
  let speak = 0;

  // ---- the two plots
  function plot(which, name, ...marks) {
    const full = [left + width + right, top + height + bottom];
    const frameOf = svg("g", { class: "sg-axes" }, svg("rect", { width, height }));
    for (const [share, text] of ticks[which][0]) {
      frameOf.append(svg("path", { d: `M${share * width},${height}v5` }),
        svg("text", { x: share * width, y: height + 17, "text-anchor": "middle" }, text));
    }
    for (const [share, text] of ticks[which][1]) {
      frameOf.append(svg("path", { d: `M0,${(1 - share) * height}h-5` }),
        svg("text", { x: -8, y: (1 - share) * height + 4, "text-anchor": "end" }, text));
    }
    frameOf.append(svg("text", { class: "sg-name", x: width / 2, y: height + 34, "text-anchor": "middle" }, axes[which][0]),
      svg("text", { class: "sg-name", x: 8, y: which ? height - 9 : 18 }, axes[which][1]));
    return svg("svg", { class: "sg-picture", viewBox: `0 0 ${full.join(" ")}`, role: "img", "aria-label": name,
      style: `max-width: ${full[0]}px` }, svg("g", { transform: `translate(${left} ${top})` }, frameOf, ...marks));
  }
  const tangent = svg("path", { class: "sg-tangent" });
  const line = svg("path", { class: "sg-secant-line" });
  const ends = svg("g");
  const lines = Object.fromEntries(precisions.map((name) => [name, svg("path")]));
  const mark = svg("circle", { class: "sg-point", r: 5.5 });
  const pictures = html("div", { class: "sg-plots" },
    plot(0, labels.plot_curve, svg("path", { class: "sg-graph", d: curve }), line, tangent, ends),
    plot(1, labels.plot_error, ...Object.values(lines), mark));

  // ---- what can be moved
  /** Set a trait now, send it with the next frame: of many moves in between, the newest. */
  function move(name, value) {
    model.set(name, value);
    showMoves();
    if (!frame) frame = requestAnimationFrame(send);
  }
  function send() {
    frame = 0;
    model.save_changes();
  }
  const output = html("output");
  const range = html("input", { type: "range", min: Math.round(notches * Math.log10(lowest)), max: 0, step: 1, ...KEYS });
  range.addEventListener("input", () => move("h", 10 ** (range.valueAsNumber / notches)));
  function choice(label, name, values, texts) {
    const select = html("select", { ...KEYS }, ...values.map((value, i) => html("option", { value }, texts[i])));
    select.addEventListener("change", () => move(name, select.value));
    return { select, element: html("label", { class: "sg-choice" }, html("span", {}, label), select) };
  }
  const precision = choice(labels.precision, "precision", precisions, precisions);
  const kind = choice(labels.kind, "kind", kinds, [labels.central, labels.one_sided]);

  // ---- patching
  const rows = html("tbody");
  const note = html("p", { class: "sg-note" });
  const status = html("p", { class: "sg-hidden", role: "status" });
  function showMoves() {
    const h = model.get("h");
    const position = Math.round(notches * Math.log10(h));
    if (range.valueAsNumber !== position) range.value = position;
    const text = String(Number(h.toPrecision(3)));
    output.textContent = text;
    range.setAttribute("aria-valuetext", text);
    precision.select.value = model.get("precision");
    kind.select.value = model.get("kind");
  }
  function showRows(texts) {
    while (rows.children.length > texts.length) rows.lastChild.remove();
    while (rows.children.length < texts.length) rows.append(html("tr", {}, html("th", { scope: "row" }), html("td")));
    texts.forEach((pair, i) => pair.forEach((text, k) => { rows.children[i].children[k].textContent = text; }));
  }
  function show() {
    const shown = model.get("shown");
    tangent.setAttribute("d", shown.tangent);
    line.setAttribute("d", shown.secant);
    ends.replaceChildren(...shown.ends.map(([cx, cy]) => svg("circle", { class: "sg-point", cx, cy, r: 5.5 })));
    for (const [name, path] of Object.entries(lines)) {
      path.setAttribute("d", shown.curves[name]);
      path.setAttribute("class", name === model.get("precision") ? "sg-error-line" : "sg-error-line sg-faint");
    }
    mark.style.display = shown.mark ? "" : "none";
    if (shown.mark) {
      mark.setAttribute("cx", shown.mark[0]);
      mark.setAttribute("cy", shown.mark[1]);
    }
    showRows(shown.rows);
    note.textContent = shown.note;
    clearTimeout(speak);
    speak = setTimeout(() => { status.textContent = `${shown.summary} ${shown.note}`; }, 500);
    showMoves();
  }

  const sign = (name) => html("i", { class: `sg-sign ${name}`, "aria-hidden": "true" });
  el.classList.add("sg-host");
  el.replaceChildren(html("div", { class: "sg sg-widget sg-secant", role: "group", "aria-label": title },
    html("strong", {}, title),
    html("div", { class: "sg-controls" },
      html("label", { class: "sg-slider" }, html("span", {}, labels.step), range, output), precision.element, kind.element),
    pictures,
    html("p", { class: "sg-legend" }, html("span", {}, sign("sg-sign-secant"), labels.secant),
      html("span", {}, sign("sg-sign-tangent"), labels.tangent), html("span", {}, sign("sg-sign-faint"), labels.both)),
    html("table", { class: "sg-numbers" }, rows), note, status));

  model.on("change:shown", show);
  model.on("change:h change:precision change:kind", showMoves);
  show();
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(speak);
    model.off("change:shown", show);
    model.off("change:h change:precision change:kind", showMoves);
  };
}

export default { render };
