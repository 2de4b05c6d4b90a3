"""Every act the trail knows, as `room.act`. Rooms add theirs here."""

SIGNED_UP = "accounts.signed-up"
RECORD_READ = "records.read-by-other"
