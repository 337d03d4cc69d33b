"""Words that answers have wherever they are asked: on our pages and in forms for others."""

from __future__ import annotations

from config.text import Text

AGREEMENT = {
    1: Text("很不同意", "Strongly disagree"),
    2: Text("不同意", "Disagree"),
    3: Text("一般", "Neither"),
    4: Text("同意", "Agree"),
    5: Text("很同意", "Strongly agree"),
}
"""Words of a survey's answers from 1 to 5."""
DO_NOT_KNOW = Text("不清楚", "I do not know")
"""An answer that counts as missing, never as the middle."""
