"""The shared follow-up of a demand (R441-2-15): what happened to it, each event entered by the body it comes from."""
