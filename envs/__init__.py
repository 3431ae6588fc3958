"""The world: desktops, actions, spaces and the Gymnasium environment."""
