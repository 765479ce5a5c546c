// Tells the widgets of a page, as JupyterLab does, whether the page is dark.
const root = document.documentElement;
const tellWidgets = () => {
  const dark = root.dataset.theme === "dark";
  document.body.dataset.jpThemeLight = String(!dark);
};
new MutationObserver(tellWidgets).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
if (root.dataset.theme) tellWidgets();

// A picture that is wider than the page is scrolled, with the keyboard, too.
const letScroll = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const picture of document.querySelectorAll(".site-picture")) letScroll.observe(picture);
