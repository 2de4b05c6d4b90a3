"""March 3, 2026; a moment says its time zone.

Spec: https://docs.djangoproject.com/en/6.1/topics/i18n/formatting/
"""

DATE_FORMAT = "F j, Y"
DATETIME_FORMAT = "F j, Y, P T"
