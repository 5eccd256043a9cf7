"""The whole program, as its users run it: real broker, real microphone, real weights."""
