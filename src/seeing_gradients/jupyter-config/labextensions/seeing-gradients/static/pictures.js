// The static pictures of seeing-gradients in JupyterLab, Notebook 7: they follow its theme, and fit the page.
//
// JupyterLab shows an SVG as an image, which no style sheet of the page reaches. So this extension gives each picture of
// ours a style sheet of its own while the theme is dark, and makes it as narrow as the page, but no narrower than its
// text can be read: then its box scrolls, and an arrow says so. What the notebook holds stays as it is.

(() => {
  // Each colour of a picture, on a light page and on a dark one: those of picture/theme.py, as a test checks.
  const COLOURS = [
    ["#0b57d0", "#82b4ff"],
    ["#b93c05", "#ff9e6b"],
    ["#eaf1fe", "#1b2a42"],
    ["#1c2128", "#e6e9ee"],
    ["#57606a", "#a3adb9"],
    ["#8c96a3", "#77818d"],
    ["#d5dae1", "#353c45"],
    ["#ffffff", "#16191d"],
    ["#f3f5f8", "#252b33"],
    ["#1a7f37", "#56d364"],
    ["#b42318", "#ff8b82"],
    ["#fdecea", "#3a1f1f"],
    ["#fff6e0", "#3a3018"],
    ["#0f766e", "#4fd1c0"],
    ["#7c3aed", "#c3a5fd"],
    ["#a16207", "#e8c04a"],
    ["#be185d", "#f790bb"],
  ];
  // Those of a plot of helpers/d2l.py, which Matplotlib writes into style attributes; last the colours of its curves.
  const PLOT_COLOURS = [
    ["#000000", "#e6e9ee"],
    ["#ffffff", "#16191d"],
    ["#b0b0b0", "#353c45"],
    ["#cccccc", "#77818d"],
    ["#1f77b4", "#82b4ff"],
    ["#bf00bf", "#f790bb"],
    ["#008000", "#56d364"],
    ["#ff0000", "#ff8b82"],
  ];
  const OURS = /^<svg [^>]*font-family="system-ui, -apple-system, 'Segoe UI', 'Noto Sans'/;
  const PLOT = /<dc:title>seeing-gradients<\/dc:title>/; // the creator, which helpers/d2l.py names
  const SMALLEST = 0.8; // of its size: text of 12 px is still read
  const SVG = "data:image/svg+xml,";
  const STYLE = `
    .sg-picture { overflow-x: auto; position: relative; }
    .sg-picture img { display: block; max-width: 100%; height: auto; }
    .sg-picture .sg-more { position: sticky; left: 0; display: none; width: max-content; max-width: 100%; margin-left: auto;
      padding: 0 8px; border-radius: 9px; background: var(--jp-layout-color2); color: var(--jp-ui-font-color1);
      font: 12px/18px var(--jp-ui-font-family); }
    .sg-picture.sg-cut .sg-more { display: block; }`;
  /** @type {WeakMap<HTMLImageElement, string>} the picture as the notebook has it */
  const originals = new WeakMap();

  const isDark = () => document.body.dataset.jpThemeLight === "false";
  const darkRules = COLOURS.flatMap(([light, dark]) =>
    ["fill", "stroke"].map((name) => `[${name}="${light}"]{${name}:${dark}}`),
  ).join("");

  const darkPlotRules = [
    "svg{fill:#e6e9ee}", // its letters have no colour of their own
    ...PLOT_COLOURS.flatMap(([light, dark]) =>
      ["fill", "stroke"].map((name) => `[style*="${name}: ${light}"]{${name}:${dark}!important}`),
    ),
  ].join("");

  /** @param {HTMLImageElement} image */
  const paint = (image) => {
    const svg = /** @type {string} */ (originals.get(image));
    const rules = PLOT.test(svg) ? darkPlotRules : darkRules;
    const shown = isDark() ? svg.replace(/<svg[^>]*>/, (tag) => `${tag}<style>${rules}</style>`) : svg;
    const source = SVG + encodeURIComponent(shown);
    if (image.src !== source) image.src = source;
  };

  /** Say that a picture scrolls, where it does. @param {HTMLElement} box */
  const markCut = (box) => {
    const isCut = box.scrollWidth > box.clientWidth + 1;
    const isAtEnd = box.scrollLeft + box.clientWidth >= box.scrollWidth - 1;
    box.classList.toggle("sg-cut", isCut);
    const more = box.querySelector(".sg-more");
    if (more) more.textContent = isAtEnd ? "←" : "→";
    if (isCut) box.tabIndex = 0; // so that the keyboard scrolls it
    else box.removeAttribute("tabindex");
  };
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) markCut(/** @type {HTMLElement} */ (target));
  });

  /** @param {HTMLImageElement} image in a box of JupyterLab's for an SVG */
  const adopt = (image) => {
    const box = /** @type {HTMLElement} */ (image.parentElement);
    if (originals.has(image) || !image.src.startsWith(SVG)) return;
    const svg = decodeURIComponent(image.src.slice(SVG.length));
    if (!OURS.test(svg) && !PLOT.test(svg)) return;
    originals.set(image, svg);
    const [, title = ""] = /<title>([^<]*)<\/title>/.exec(svg) ?? [];
    const text = new DOMParser().parseFromString(title, "text/html").documentElement.textContent ?? "";
    if (!image.alt) image.alt = text;
    const [, number = "0", unit = ""] = / width="([\d.]+)(pt)?"/.exec(svg) ?? [];
    const width = unit ? (Number(number) * 4) / 3 : Number(number); // px
    image.style.minWidth = `${Math.round(width * SMALLEST)}px`;
    box.classList.add("sg-picture");
    if (text) {
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", text);
    }
    const more = document.createElement("div");
    more.className = "sg-more";
    more.setAttribute("aria-hidden", "true");
    box.append(more);
    paint(image);
    sizes.observe(box);
    image.addEventListener("load", () => markCut(box));
    box.addEventListener("scroll", () => markCut(box), { passive: true });
  };

  /** @param {ParentNode} root */
  const imagesIn = (root) => /** @type {NodeListOf<HTMLImageElement>} */ (root.querySelectorAll(".jp-RenderedSVG img"));

  const activate = () => {
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        for (const node of addedNodes) {
          if (node instanceof HTMLImageElement && target instanceof HTMLElement && target.matches(".jp-RenderedSVG")) {
            adopt(node);
          } else if (node instanceof HTMLElement) imagesIn(node).forEach(adopt);
        }
      }
    }).observe(document.body, { childList: true, subtree: true });
    new MutationObserver(() => {
      for (const image of imagesIn(document)) if (originals.has(image)) paint(image);
    }).observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    imagesIn(document).forEach(adopt);
  };

  // What JupyterLab expects of a prebuilt extension: a container of modules, here of one.
  const module = { default: { id: "seeing-gradients:pictures", autoStart: true, activate }, __esModule: true };
  const extensions = (window._JUPYTERLAB ??= {});
  extensions["seeing-gradients"] = { init: () => undefined, get: async () => () => module };
})();
