"""What sources sent: resources and their versions, files, what was refused, and findings read from them."""
