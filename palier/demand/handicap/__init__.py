"""The « complément handicap » of the form: health data (RGPD, art. 9), apart from the demand, with its own right."""
