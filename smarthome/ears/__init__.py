"""Sound in, text out: microphone and audio files, voice activity, segmenter, speech recognition."""
