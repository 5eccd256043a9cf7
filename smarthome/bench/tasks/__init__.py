"""How fast the task workers are, beside the loop that anybody would write: ``smarthome bench tasks``."""
