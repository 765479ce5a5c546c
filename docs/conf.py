"""Sphinx's configuration of the site in one language: `docs/builder` runs it with the tag "en" or "zh"."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from docs.builder import address
from docs.builder.words import word

short = "zh" if tags.has("zh") else "en"  # noqa: F821, Sphinx defines it
other = "en" if short == "zh" else "zh"
_project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = word("title", short)
author = "Seeing Gradients"
version = release = _project["version"]
language = {"en": "en", "zh": "zh_CN"}[short]
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "docs.builder.katex",
    "docs.builder.chinese_search",
    "docs.builder.docstrings",
    "docs.builder.page_links",
]
exclude_patterns = ["**.ipynb_checkpoints"]
templates_path = ["templates"]

# Pages
nb_execution_mode = "off"  # the lessons are executed already
nb_merge_streams = True
nb_code_prompt_show = word("show_output", short)  # the lessons hide nothing but outputs
nb_code_prompt_hide = word("hide_output", short)
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
html_math_renderer = "katex"
suppress_warnings = ["mystnb.unknown_mime_type"]

# API
default_role = "code"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False

# Theme
html_theme = "sphinx_book_theme"
html_title = word("title", short)
html_static_path = ["static"]
html_favicon = "static/favicon.svg"
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_search_language = short
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_theme_options = {
    "repository_url": address.repository(),
    "use_download_button": False,
    "use_fullscreen_button": False,
    "use_repository_button": bool(address.repository()),
    "home_page_in_toc": True,
    "show_navbar_depth": 1,
    "navbar_persistent": [],  # the sidebar has the search
    "footer_content_items": ["page-foot.html"],
    "article_header_start": ["toggle-primary-sidebar.html", "language-switch.html"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {
    "default_mode": "auto",
    "site_language": short,
    "other_language": other,
    "other_language_tag": {"en": "en", "zh": "zh-CN"}[other],
    "words": {key: word(key, short) for key in ("other_language", "switch_language", "licence")},
}
