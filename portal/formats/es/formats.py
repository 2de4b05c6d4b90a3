"""3 de marzo de 2026; a moment says its time zone.

Spec: https://docs.djangoproject.com/en/6.1/topics/i18n/formatting/
"""

DATE_FORMAT = r"j \d\e F \d\e Y"
DATETIME_FORMAT = r"j \d\e F \d\e Y, H:i T"
