// ---- cut an edge: a click, or a choice by keyboard; f runs again as if detach() stood there ----

function cutter(view) {
  const { model, labels, cuts } = view;
  const words = labels.cutting;
  const label = make("label", "sg-choice", cuts);
  make("span", "", label).textContent = words.cut;
  const select = make("select", "sg-select sg-cut-select", label);
  suppressShortcuts(select);
  const mended = make("span", "sg-mended", cuts);
  const set = (next) => {
    model.set("cuts", next);
    model.save_changes();
  };
  const self = {
    toggle(at) {
      const now = model.get("cuts");
      const key = keyOf(at);
      const rest = now.filter((place) => keyOf(place) !== key);
      set(rest.length < now.length ? rest : [...now, at]);
    },
    show() {
      const { scene } = view.shown ?? {};
      const drawn = keyOf(model.get("cuts"));
      if (self.scene === scene && self.drawn === drawn) return;
      Object.assign(self, { scene, drawn });
      const edges = (scene?.edges ?? []).filter((edge) => edge.at);
      const cut = new Set(model.get("cuts").map(keyOf));
      const met = new Set(edges.map((edge) => keyOf(edge.at)));
      view.graph?.edges.forEach(({ edge, group }) => nameReach(view, edge, group));
      const key = keyOf([edges.map((edge) => [edge.at, edge.cutname]), [...cut]]);
      cuts.hidden = !edges.length && !cut.size;
      if (cuts.dataset.shown === key) return;
      cuts.dataset.shown = key;
      const option = (text, value) => {
        const made = make("option", "", select);
        made.textContent = text;
        made.value = value;
      };
      select.replaceChildren();
      option(words.cut_choose, "");
      for (const edge of edges) if (!cut.has(keyOf(edge.at))) option(edge.cutname, keyOf(edge.at));
      const inside = mended.contains(document.activeElement);
      mended.replaceChildren();
      for (const place of model.get("cuts")) {
        const edge = edges.find((each) => keyOf(each.at) === keyOf(place));
        const name = edge?.cutname ?? place[1];
        const button = make("button", `sg-button sg-mend${met.has(keyOf(place)) ? "" : " sg-absent"}`, mended);
        button.type = "button";
        button.textContent = words.cut_mend.replace("{edge}", name);
        suppressShortcuts(button);
        button.addEventListener("click", () => self.toggle(place));
      }
      if (inside) select.focus();
    },
  };
  select.addEventListener("change", () => {
    if (select.value) self.toggle(JSON.parse(select.value));
    select.value = "";
  });
  return self;
}

/** A wide invisible line over an edge, to be hit by a mouse or finger. */
function makeCuttable(view, edge, group) {
  if (!edge.at) return;
  group.classList.add("sg-cuttable");
  const reach = shape("path", "sg-reach", group, { d: pathOf(edge.pieces) });
  shape("title", "", reach);
  nameReach(view, edge, group);
  reach.addEventListener("click", () => view.cutter.toggle(edge.at));
}

/** Say what a click on an edge will do: the picture may still be of a run before the last cut, since f failed in that one. */
function nameReach({ model, labels }, edge, group) {
  if (!edge.at) return;
  const isCut = model.get("cuts").some((place) => keyOf(place) === keyOf(edge.at));
  setText(group.querySelector("title"), labels.cutting[isCut ? "cut_mend" : "cut_here"].replace("{edge}", edge.cutname));
}
