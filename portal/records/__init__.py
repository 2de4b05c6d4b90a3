"""What sources sent: resources, versions, files, what was refused, and what was read out."""
