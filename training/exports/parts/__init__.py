"""What the formats share: episodes as they see them, conversations, pictures, and the face of a format."""
