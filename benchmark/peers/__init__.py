"""The ways of other environments, re-created to be measured beside ours."""
