"""What the engine says, as sentences of their own in the panel."""


def asSentence(text):
    """``text`` with a capital letter and a full stop; "" stays empty."""
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


def asSentences(texts):
    """Each of ``texts`` as a sentence, in a line of its own."""
    return "\n".join(map(asSentence, texts))
