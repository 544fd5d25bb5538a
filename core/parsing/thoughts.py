"""Removes the thoughts that a model wrote before its answer, in the markup of every family of models that has one.

A thought weighs the options, so a letter in it is no answer. Where the text ends while the model is still thinking,
nothing is left.
"""

from __future__ import annotations

import re

_NAMES = (
    r"think|thought|reason|reflect|analys|scratchpad|monologue|deliberat|ponder|rationale|inner|plan|"
    r"思考|思维|思路|推理|推敲|分析|反思|斟酌|独白|内心|草稿"
)
_NAME = rf"[\w:.-]*(?:{_NAMES})[\w:.-]*"
_MARK = re.compile(
    rf"(?P<close></\|?{_NAME}\|?>|<\|/{_NAME}\|>|<\|end_?(?:of_?)?{_NAME}\|>|<\|{_NAME}_(?:suffix|end)\|>|"
    rf"\[/{_NAME}\]|【/{_NAME}】|◁/{_NAME}▷|<unused95>|<channel\|>|^\.\.\.done thinking\.)|"
    rf"(?P<open><\|?{_NAME}(?:\s[^<>]*)?\|?>|\[{_NAME}\]|【{_NAME}】|◁{_NAME}▷|<unused94>|<\|channel>|"
    rf"\AThinking\.\.\.$)|"
    r"(?P<answer>[\[【](?:final[ _]?)?(?:answer|response|choice|答案|回答|结论|选择|选项)[\]】])",
    re.IGNORECASE | re.MULTILINE,
)
_HEADED = ("[", "【")
_CHANNEL = re.compile(
    r"<\|channel\|>\s*(?P<name>\w+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>(?P<text>.*?)(?=<\||\Z)", re.DOTALL
)
_BARE_CHANNEL = re.compile(r"\A\s*(?:assistant)?(?:analysis|commentary)(?=[A-Z一-鿿])")
_BARE_FINAL = re.compile(r"assistant\s*final(?=\S)|assistant\s*final\s*\n")

OPENINGS = re.compile(
    rf"\A\s*(?:<\|?{_NAME}|\[{_NAME}\]?|【{_NAME}】?|◁{_NAME}|<\|channel\|?>?|<unused94>|<\|start\|>)", re.IGNORECASE
)
"""Pattern of the first word of an answer that begins with a thought."""


def without_thoughts(text: str) -> str:
    """``text`` without the thoughts that come before its answer; empty where it ends while still thinking.

    A closing mark without an opening mark ends a thought that the prompt had opened; everything before it is removed.

    >>> without_thoughts("[THINK]Maybe A[/THINK]B")
    'B'
    >>> without_thoughts("<|channel|>analysis<|message|>Answer A, perhaps")
    ''
    """
    if "<|channel|>" in text:
        final = [found["text"] for found in _CHANNEL.finditer(text) if found["name"] == "final"]
        return final[-1] if final else ""
    if _BARE_CHANNEL.match(text):  # the same channel from servers that omit the marks
        parts = _BARE_FINAL.split(text)
        return parts[-1] if len(parts) > 1 else ""
    kept: list[str] = []
    opened, begins = "", 0
    for mark in _MARK.finditer(text):
        if mark["open"]:
            if not opened:
                kept.append(text[begins : mark.start()])
                opened = mark[0]
        elif mark["close"]:
            if not opened:
                kept.clear()
            opened, begins = "", mark.end()
        elif opened.startswith(_HEADED):  # “[Analysis] ... [Answer] B”: a heading ends with the next one
            opened, begins = "", mark.start()
    return "".join(kept) + ("" if opened else text[begins:])
