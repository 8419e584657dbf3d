"""From a plan's text to a draft of its registry: what was typed, and every phrase that was not."""
