"""Which names mean secrets: the same in all languages, by deploy/docs/masking.md."""

from __future__ import annotations

import re
from typing import List

#: A longer name is judged by its end, which holds the word that counts.
_LONGEST = 200

# Anything but ASCII separators is a letter, so that words of other alphabets stay whole.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\x00-\x60\x7b-\x7f]+|[0-9]+")

_LAST_WORDS = frozenset(
    """
    password passwords passwd passphrase passphrases passcode pwd secret secrets token
    credential credentials creds authorization cookie cookies apikey apikeys apitoken
    authtoken accesstoken accesskey secretkey privatekey jwt jaas
    """.split()
)

#: The last word may be one of these with another one in front: ``dbpassword``.
_LAST_SYLLABLES = ("password", "passwd", "passphrase")

#: Before ``key`` or ``keys``.
_KEYS = frozenset(
    """
    api access secret private ssh gpg pgp rsa signing encryption auth master account storage
    deploy license session client service hmac webhook keystore aws azure gcp google github
    gitlab hf huggingface openai anthropic wandb comet neptune clearml mlflow kaggle
    """.split()
)

#: Before ``tokens``, which on its own is what a language model counts.
_TOKENS = frozenset(
    """
    api access auth bearer refresh session
    """.split()
)

#: Before ``token``: a word of a vocabulary or a number of them, nothing to hide.
_VOCABULARY = frozenset(
    """
    pad padding eos bos sos unk unknown sep separator cls class mask eot eod eom start end
    stop begin special image img audio video speech vision text prefix suffix middle fim
    next last first max min num n per total new additional extra placeholder blank boundary
    decoder encoder prompt query register distill distillation time pause think thinking
    tool instruction response newline space word char byte label input output target bpe
    dummy empty noise delimiter each every pooling cross
    """.split()
)

#: Before ``pat``, which is a pattern or a patience elsewhere.
_PATS = frozenset(
    """
    github gh gitlab azure ado devops bitbucket
    """.split()
)

#: Before ``pass``, which is a way through a network elsewhere.
_PASSES = frozenset(
    """
    db database user smtp mail ftp
    """.split()
)


def is_secret(name: str) -> bool:
    """Whether what is under this name is a secret, if it is a text."""
    words = _words(name)
    if not words:
        return False
    last = words[-1]
    before = words[-2] if len(words) > 1 else ""
    if last in ("key", "keys"):
        return before in _KEYS
    if last == "tokens":
        return before in _TOKENS
    if last == "token":
        return before not in _VOCABULARY
    if last == "pat":
        return before in _PATS
    if last == "pass":
        return before in _PASSES
    if last == "info":
        return before == "user" and "auth" in words
    if last == "id":
        return before == "key" and "access" in words
    if last == "config":
        return before == "jaas"
    return last in _LAST_WORDS or last.endswith(_LAST_SYLLABLES)


def is_token(name: str) -> bool:
    """Whether the name means a token: under it, what looks like a word of a vocabulary is shown."""
    words = _words(name)
    return bool(words) and words[-1] == "token"


def _words(name: str) -> List[str]:
    """In lower case; numbers at the end are left out."""
    words = [word.lower() for word in _WORD.findall(name[-_LONGEST:])]
    while words and "0" <= words[-1][0] <= "9":
        words.pop()
    return words
