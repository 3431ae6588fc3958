"""What dialects share: coordinate spaces, key names, the wheel, idioms, literal code, and the face of a dialect."""
