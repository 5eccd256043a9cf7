"""What a request brings along, in one of three ways, as an open file: spool.py, inline.py, fetching.py, media.py."""
