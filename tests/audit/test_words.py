"""Every act that the trail knows is told in a sentence, in both languages."""

from django.utils.translation import override

from portal.audit import actions
from portal.audit.words import SENTENCES

ACTS = {name: value for name, value in vars(actions).items() if name.isupper()}


def test_every_act_has_a_sentence() -> None:
    without = {name for name, act in ACTS.items() if act not in SENTENCES}

    assert ACTS
    assert without == set()


def test_every_sentence_is_said_in_spanish_too() -> None:
    with override("en"):
        english = {act: str(sentence) for act, sentence in SENTENCES.items()}
    with override("es"):
        same = [act for act, sentence in SENTENCES.items() if str(sentence) == english[act]]

    assert same == []
