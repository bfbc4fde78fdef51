"""Texts to try a vacation reply on: all that the panel takes, and most of what is dangerous in a script."""

from hypothesis import strategies as st

TRICKS = (
    *(
        '"',
        "\\",
        '\\"',
        "${hex:22}",
        "${",
        "$${unicode:22}",
        "${x}",
        "$",
        "{",
        "}",
        ";",
        '[""]',
        '"]',
        '["',
        "/*",
        "*/",
        "#",
    ),
    *(
        ".",
        "\n.\n",
        "\n..\n",
        "text:",
        "%s",
        "%(x)s",
        "%u",
        "{0}",
        "'",
        "''",
        "`",
        "--",
        "\x7f"[:0],
        "\n\n",
        "\nBcc: a@out.example",
    ),
    *("äöü", "ß", "日本語", "😀", "\u200b", "e\u0301", "=?utf-8?", "=20", "From me", "\n>From", "\t"),
)
_LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])
_WORDS = st.one_of(st.text(_LETTERS, max_size=20), st.sampled_from(TRICKS))

SUBJECTS = st.lists(_WORDS, max_size=8).map(lambda words: " ".join("".join(words).split())[:120])
"""One line, as the panel keeps it."""

BODIES = st.lists(st.one_of(_WORDS, st.just("\n")), max_size=30).map(lambda words: "".join(words).strip())
"""Several lines, as the panel keeps them."""
