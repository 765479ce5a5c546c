// Built by "make js" from sources with the hash f0275bc45899a177. Change those, not this file.

// page/elements.js
function suppressShortcuts(element) {
  element.dataset.lmSuppressShortcuts = "true";
  return element;
}

// verdict/verdict.js
function render({ model, el }) {
  el.classList.add("sg-verdict-host", "jp-RenderedHTMLCommon");
  el.innerHTML = model.get("markup");
  for (const button of el.querySelectorAll("summary")) {
    suppressShortcuts(button);
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      button.click();
    });
  }
  el.addEventListener(
    "toggle",
    ({ target }) => {
      if (!(target instanceof HTMLDetailsElement) || !target.open || !target.dataset.step) return;
      const message = { opened: Number(target.dataset.step) };
      model.send(message);
    },
    { capture: true }
  );
}
var verdict_default = { render };
export {
  verdict_default as default
};
