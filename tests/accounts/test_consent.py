"""What somebody says yes to is shown in the language that is noted beside the answer."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils.translation import gettext, override

from tacit.accounts import wording
from tacit.accounts.types import Purpose
from tests import messages

TEXTS = [text for texts in wording.CONSENT_TEXTS.values() for text in texts]
OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("text", TEXTS)
def test_every_consent_text_is_said_in_every_language(text: str, language: str) -> None:
    assert (text, None) in messages.said("accounts")
    with override(language):
        assert gettext(text) != text


@pytest.mark.parametrize("language", OTHERS)
def test_the_version_names_the_language_that_is_shown(language: str) -> None:
    with override(language):
        shown = {purpose: wording.consent_text(purpose) for purpose in Purpose}
        versions = {purpose: wording.consent_version(purpose) for purpose in Purpose}
    for purpose in Purpose:
        assert versions[purpose].endswith(f"-{language}")
        assert wording.consented_text(purpose, versions[purpose]) == shown[purpose]
