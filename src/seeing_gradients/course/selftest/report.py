"""What the self-test says: one Finding a thing, and the Report of all of them as text and as a web table."""

from dataclasses import dataclass
from html import escape

from seeing_gradients.language import current, message
from seeing_gradients.picture import theme


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        what: str, its name.
        found: str, what is there: a version, a state.
        remedy: str, what to do about it; "" when all is well.
    """

    what: str
    found: str
    remedy: str = ""


class Report:
    """What `selftest()` returns: a text and a web table of the same findings.

    Attributes:
        findings: list of Finding.
        passed: bool, whether nothing is missing.
    """

    def __init__(self, findings):
        self.findings = list(findings)
        self.passed = not any(finding.remedy for finding in self.findings)

    def __repr__(self):
        lines = [f"{_sign(f)} {f.what}{message('selftest.colon')}{f.found}" for f in self.findings]
        lines += [f"→ {f.remedy}" for f in self.findings if f.remedy]
        return "\n".join([*lines, self._headline()])

    def _repr_html_(self):
        language = {"zh": "zh-CN"}.get(current(), current())
        rows = "".join(map(_html_row, self.findings))
        return (
            f'<div class="sg sg-selftest" role="status" lang="{language}" style="overflow-x:auto"><p><strong>'
            f'{escape(self._headline())}</strong></p><table style="border-collapse:collapse">{rows}</table></div>'
        )

    def _headline(self):
        missing = sum(bool(finding.remedy) for finding in self.findings)
        return message("selftest.passed") if self.passed else message("selftest.failed", missing=missing)


def state(good):
    """Ready or not ready, in words."""
    return message("selftest.ready" if good else "selftest.missing")


def amount(good):
    """Enough or too little, in words."""
    return message("selftest.enough" if good else "selftest.too_little")


def _sign(finding):
    return "✗" if finding.remedy else "✓"


def _html_row(finding):
    colour = theme.WRONG_BAR if finding.remedy else theme.CORRECT_BAR
    style = "text-align:left;vertical-align:top;padding:2px 12px 2px 0"
    remedy = f"<br>{escape(finding.remedy)}" if finding.remedy else ""
    return (
        f'<tr><td style="{style};border-left:4px solid {colour};padding-left:10px"><span aria-hidden="true">'
        f'{_sign(finding)}</span></td><th scope="row" style="{style};font-weight:normal">{escape(finding.what)}</th>'
        f'<td style="{style}">{escape(finding.found)}{remedy}</td></tr>'
    )
