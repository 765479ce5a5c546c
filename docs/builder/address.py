"""The repository's address, and every link that is made from it. It is set once, in pyproject.toml.

`python -m docs.builder.address` writes it into the READMEs and the guides; `--check` fails where one of them says something
else. While it is unset, the READMEs say how to make the link, and the site leaves such links out.
"""

import argparse
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = "ADDRESS-OF-YOUR-COPY"  # what `git clone` is told while the address is unset
TEXTS = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/*.md")
GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
_CLONE = re.compile(r"(?<=git clone )\S+(?= seeing-gradients)")
_BLOCK = re.compile(r"(?<=<!-- address -->\n).*?(?=<!-- /address -->)", re.DOTALL)


@cache
def repository() -> str:
    """Return the address of the repository, such as "https://github.com/owner/name"; "" while it is unset.

    Raises:
        ValueError: the setting is no address of a repository on GitHub, from which the links to Binder and Colab are made.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["seeing-gradients"]
    return checked(settings["repository"])


def checked(address: str) -> str:
    """Return an address without a slash or ".git" at its end; raise ValueError unless it is "" or a repository on GitHub."""
    if not address:
        return ""
    match = GITHUB.fullmatch(address)
    if match is None:
        raise ValueError(f"pyproject.toml: repository must be like https://github.com/owner/name, received {address!r}")
    return f"https://github.com/{match[1]}"


def source_link(path: str, address: str) -> str:
    """Return the link to a file of the repository, by its path; "" while the address is unset."""
    return f"{address}/blob/HEAD/{path}" if address else ""


def binder_link(path: str, address: str) -> str:
    """Return the link that opens a notebook in Binder; "" while the address is unset."""
    return f"https://mybinder.org/v2/gh/{_name(address)}/HEAD?urlpath=lab/tree/{path}" if address else ""


def colab_link(path: str, address: str) -> str:
    """Return the link that opens a notebook in Colab; "" while the address is unset."""
    return f"https://colab.research.google.com/github/{_name(address)}/blob/HEAD/{path}" if address else ""


def _name(address: str) -> str:
    return address.removeprefix("https://github.com/")


def binder_text(language: str, address: str) -> str:
    """Return what the README of a language says about Binder, in Markdown, one paragraph or two."""
    path = f"notebooks/{language}/00_start.ipynb"
    if address:
        link, colab = binder_link(path, address), colab_link(path, address)
        site = f"https://{_name(address).partition('/')[0]}.github.io/{_name(address).partition('/')[2]}/{language}/"
        texts = {
            "en": f"To try the course without installing anything, [open lesson 00 in Binder]({link}) or [in Colab]({colab}).\n"
            f"To read it with sliders that need no kernel, go to [the site]({site}).\n",
            "zh": f"不想安装也可以试学：[在Binder中打开第00课]({link})，或[在Colab中打开]({colab})。\n"
            f"只想阅读和拖动滑块，可以去[课程网站]({site})，不需要内核。\n",
        }
        return texts[language]
    template = f"https://mybinder.org/v2/gh/OWNER/NAME/HEAD?urlpath=lab/tree/{path}"
    texts = {
        "en": "To try the course without installing anything, open [mybinder.org](https://mybinder.org), give it the address of the\n"
        f"repository you are reading, and as the URL to open enter `lab/tree/{path}`. The link to share is, with the\n"
        "owner and the name of your copy on GitHub:\n",
        "zh": f"不想安装也可以试学。请打开[mybinder.org](https://mybinder.org)，填入本仓库的地址，再把要打开的URL填成`lab/tree/{path}`。"
        "如果想分享链接，请把下面的OWNER和NAME换成你在GitHub上的用户名和仓库名：\n",
    }
    return f"{texts[language]}\n```text\n{template}\n```\n"


def with_address(text: str, language: str, address: str) -> str:
    """Return a text of the repository with the address wherever it stands.

    Args:
        text: str, Markdown. What is between `<!-- address -->` and `<!-- /address -->` is what `binder_text` says.
        language: "en" or "zh".
        address: str, "" while it is unset.
    """
    text = _BLOCK.sub(lambda _: f"\n{binder_text(language, address)}\n", text)
    return _CLONE.sub(lambda _: address or PLACEHOLDER, text)


def main(arguments: list[str] | None = None) -> int:
    """Write the address into the texts, or check that it stands there; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m docs.builder.address", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a text has another address")
    check = parser.parse_args(arguments).check
    stale = []
    for path in sorted(path for pattern in TEXTS for path in ROOT.glob(pattern)):
        text = path.read_text(encoding="utf-8")
        wanted = with_address(text, "zh" if ".zh-CN" in path.name else "en", repository())
        if wanted != text:
            stale.append(path.relative_to(ROOT).as_posix())
            if not check:
                path.write_text(wanted, encoding="utf-8", newline="\n")
    print("\n".join(stale) or "every text has the address of pyproject.toml")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
