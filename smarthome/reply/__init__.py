"""What the house says back to the people in the room, in Russian."""
