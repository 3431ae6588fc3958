"""The ways of other environments, re-created to be measured beside ours, on the same application in our container."""
