"""Why an act of consent is refused: one name for each reason."""


class ProgramClosed(Exception):
    """The program takes nobody at the moment."""


class OldText(Exception):
    """What was read is not the text that is asked with now."""


class NothingChosen(Exception):
    """No kind of data, or no use, was said yes to."""


class TooWide(Exception):
    """The choice goes beyond what the text offers."""


class EndsInThePast(Exception):
    """The end date is over already."""


class NotUnderstood(Exception):
    """The four questions have not been answered yet."""


class NotSigned(Exception):
    """There is no typed name, or the person has not just signed in again."""


class AlreadyAgreed(Exception):
    """There is a live agreement under this very text; a choice can be changed instead."""


class NoAgreement(Exception):
    """There is no agreement on which this act could be done."""


class CannotWiden(Exception):
    """A correction can only take away; more needs the person's own new answer."""
