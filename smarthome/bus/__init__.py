"""The house's messages: MQTT in and out, and the one inbox where everything that happens meets."""
