// Tells the widgets of a page, as JupyterLab does, whether the page is dark.
const root = document.documentElement;
const tellWidgets = () => {
  const dark = root.dataset.theme === "dark";
  document.body.dataset.jpThemeLight = String(!dark);
};
new MutationObserver(tellWidgets).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
if (root.dataset.theme) tellWidgets();
