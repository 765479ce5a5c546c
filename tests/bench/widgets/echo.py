import anywidget
import traitlets


class Echo(anywidget.AnyWidget):
    _esm = """
    function render({ model, el }) {
      el.className = "echo";
      el.innerHTML = '<input type="range" min="-5" max="5" step="0.05" value="0"><svg height="20"><text y="15"></text></svg>';
      const [slider, text] = [el.firstChild, el.querySelector("text")];
      slider.addEventListener("input", () => { model.set("value", slider.valueAsNumber); model.save_changes(); });
      model.on("change:answer", () => { text.textContent = model.get("answer"); });
      text.textContent = model.get("answer");
    }
    export default { render };
    """
    value = traitlets.Float(0.0).tag(sync=True, echo_update=False)
    answer = traitlets.Float(0.0).tag(sync=True)

    @traitlets.observe("value")
    def _answer(self, change):
        self.answer = change["new"]


Echo()
