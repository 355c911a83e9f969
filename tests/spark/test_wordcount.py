"""wordcount against a plain Python count that follows the definition character by character."""

from __future__ import annotations

import bz2
import gzip
import random
import unicodedata
from collections import Counter

import pytest
import zstandard

from tests.spark.conftest import rows_of

SAMPLES = [
    "The quick brown fox, the QUICK fox's den.",
    "don't 'quote' rock’n’roll ’ '' a'b'' --x--",
    "Straße STRASSE ﬁne e\u0301t\u00e9 İstanbul Ⅻ ½ ٣٤",
    "漢字かな交じり文 mixed漢字 हिन्दी \u0301mark <\u0338 =\u0338x",
    "tab\tbell\abyte nel\x85sep\u2028end",
    "",
    "snake_case x+y=z 3.14 1,000",
]


def is_word_character(char):
    return unicodedata.category(char)[0] in "LM" or unicodedata.category(char) == "Nd"


def words(line):
    """The definition, without a regular expression."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", line).casefold()).replace("’", "'")
    found, current = [], ""
    for i, char in enumerate(text):
        inner = char == "'" and current and i + 1 < len(text) and is_word_character(text[i + 1])
        if is_word_character(char) or (inner and current[-1] != "'"):
            current += char
        elif current:
            found.append(current)
            current = ""
    return found + ([current] if current else [])


def counted(path):
    return {row["word"]: row["count"] for row in rows_of(path)}


def test_the_oracle_itself():
    assert words("don't 'a' b''c") == ["don't", "a", "b", "c"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_counts_of_hostile_text(run_job, tmp_path, end):
    lines = random.Random(1).choices(SAMPLES, k=500)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/_a [1].txt").write_bytes(end.join(lines).encode())
    (tmp_path / "in/.b.gz").write_bytes(gzip.compress((SAMPLES[0] + "\n").encode()))
    (tmp_path / "in/c.bz2").write_bytes(bz2.compress((SAMPLES[1] + "\n").encode()))
    (tmp_path / "in/d.zst").write_bytes(zstandard.ZstdCompressor().compress((SAMPLES[2] + "\n").encode()))
    ran = run_job("wordcount", "--input", tmp_path / "in", "--output", tmp_path / "out")
    expected = Counter(word for line in [*lines, *SAMPLES[:3]] for word in words(line))
    assert counted(tmp_path / "out") == expected
    assert ran.result.rows_read == len(lines) + 3 - (0 if lines[-1] else 1)


def test_options(run_job, tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("the cat saw the small cat\nthe dog saw cats\n")
    own = tmp_path / "stop.txt"
    own.write_text("saw\n")
    base = ("wordcount", "--input", path, "--output", tmp_path / "out")
    run_job(*base, "--language", "english", "--stop-words", own, "--min-length", 4)
    assert counted(tmp_path / "out") == {"small": 1, "cats": 1}
    run_job(*base, "--ngrams", 2, "--top", 2)
    assert (
        counted(tmp_path / "out") == {"cat saw": 1, "dog saw": 1} | {"the cat": 1}
        or len(counted(tmp_path / "out")) == 2
    )
    run_job(*base, "--top", 2)
    assert counted(tmp_path / "out") == {"the": 3, "cat": 2}


def test_ties_of_top_go_by_code_point(run_job, tmp_path):
    (tmp_path / "in.txt").write_text("é b a z \U0001f600 \uff21 𝒳")
    run_job("wordcount", "--input", tmp_path / "in.txt", "--output", tmp_path / "out", "--top", 4)
    assert sorted(counted(tmp_path / "out")) == ["a", "b", "z", "é"]


def test_chinese_is_cut_into_words(run_job, tmp_path):
    (tmp_path / "in.txt").write_text("我来到北京清华大学。Python程序员don't\n北京的大学\n")
    ran = run_job(
        "wordcount", "--input", tmp_path / "in.txt", "--output", tmp_path / "out", "--language", "chinese"
    )
    assert ran.code == 0, ran.result.error
    got = counted(tmp_path / "out")
    assert got["北京"] == 2
    assert got["清华大学"] == got["大学"] == got["python"] == got["程序员"] == got["don't"] == 1
    assert "的" not in got
    assert "我" not in got


def test_bad_lines_are_quarantined_and_counted(run_job, tmp_path):
    (tmp_path / "in.txt").write_bytes(b"good one\nbad \xff\xfe line\ngood two\n")
    flags = ("wordcount", "--input", tmp_path / "in.txt", "--output", tmp_path / "out")
    refused = run_job(*flags)
    assert refused.code == 1
    assert "1 of 3 rows are bad" in refused.result.error.message
    assert "in.txt:2: not UTF-8" in refused.result.error.message
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out_quarantine").exists()
    ran = run_job(*flags, "--max-bad-rows", "34%")
    assert ran.code == 0
    assert (ran.result.rows_read, ran.result.rows_accepted, ran.result.rows_quarantined) == (3, 2, 1)
    assert rows_of(tmp_path / "out_quarantine") == [
        {
            "file": str(tmp_path / "in.txt"),
            "line": 2,
            "offset": 9,
            "reason": "not UTF-8",
            "raw": "bad \\xff\\xfe line",
        }
    ]
    (tmp_path / "in.txt").write_text("all good")
    clean = run_job(*flags)
    assert clean.result.quarantine.version == 1
    assert rows_of(tmp_path / "out_quarantine") == []


def test_a_truncated_gz_fails_with_its_name(run_job, tmp_path):
    whole = gzip.compress(("some words here\n" * 10_000).encode())
    (tmp_path / "cut.txt.gz").write_bytes(whole[:-20])
    ran = run_job(
        "wordcount",
        "--input",
        tmp_path / "cut.txt.gz",
        "--output",
        tmp_path / "out",
        "--max-bad-rows",
        "100%",
    )
    assert ran.code == 1
    assert "cut.txt.gz is cut or damaged" in ran.result.error.message
    assert not (tmp_path / "out").exists()


def test_text_in_a_column(run_job, tmp_path):
    (tmp_path / "in.jsonl").write_text(
        '{"t": "one two", "n": 1}\n{"t": "two", "n": 2}\n{"t": null, "n": 3}\n'
    )
    flags = ("--format", "jsonl", "--text-column", "t", "--extra-columns", "ignore")
    ran = run_job("wordcount", "--input", tmp_path / "in.jsonl", "--output", tmp_path / "out", *flags)
    assert ran.code == 0, ran.result.error
    assert counted(tmp_path / "out") == {"one": 1, "two": 2}
    wrong = run_job(
        "wordcount", "--input", tmp_path / "in.jsonl", "--output", tmp_path / "o2", "--format", "csv"
    )
    assert wrong.code == 2
