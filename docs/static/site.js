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

// What a search shows of a page comes from its article: not from the menus around it, and from a formula once.
if (typeof Search !== "undefined") {
  const { htmlToText } = Search;
  Search.htmlToText = (html, anchor) => {
    const article = new DOMParser().parseFromString(html, "text/html").querySelector("article.bd-article");
    if (!article) return htmlToText(html, anchor);
    for (const repeated of article.querySelectorAll(".katex-mathml")) repeated.remove();
    return htmlToText(`<div role="main">${article.outerHTML}</div>`, anchor);
  };
}
